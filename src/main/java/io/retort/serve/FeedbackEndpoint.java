package io.retort.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.NormalForm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code POST /v1/feedback}: what somebody thinks of a reply, and what would have been a better one. */
final class FeedbackEndpoint implements AutoCloseable {
    private final Deployment deployment;
    private final ServeSettings settings;
    private final FeedbackFiles files;

    FeedbackEndpoint(Deployment deployment, ServeSettings settings, PageSettings page) {
        this.deployment = deployment;
        this.settings = settings;
        this.files = new FeedbackFiles(page.feedback().orElseGet(() -> beside(deployment, settings)));
    }

    private static Path beside(Deployment deployment, ServeSettings settings) {
        Generation now = deployment.lease();
        try {
            Path index = now.source().index();
            String name = index.getFileName() + ".feedback.jsonl";
            return settings.state().map(folder -> folder.resolve(name)).orElse(index.resolveSibling(name));
        } finally {
            now.release();
        }
    }

    void keep(Call call) {
        Fields body = call.body().only(Set.of("context", "reply", "rating", "better", "session"));
        List<String> context = ReplyEndpoints.turns(body.required("context"), body.path("context"), settings);
        String reply = Fields.filled(body.requiredText("reply", settings.maxCharacters()), "reply");
        String rating = body.requiredText("rating", 16);
        if (!Set.of("up", "down").contains(rating)) throw Fault.field("rating", "is neither up nor down");
        Optional<String> better = body.text("better")
                .map(text -> Fields.filled(Fields.limited(text, settings.maxCharacters(), "better"), "better").strip());
        boolean isUp = rating.equals("up");
        if (better.isPresent() && isUp) throw Fault.field("better", "stands beside a reply that was found right");
        if (better.filter(text -> NormalForm.of(text).equals(NormalForm.of(reply))).isPresent()) {
            throw Fault.field("better", "is the reply that was found wrong");
        }
        files.keep(context, isUp ? Optional.of(reply) : better, isUp ? Optional.empty() : Optional.of(reply),
                about(body, rating));
        call.note("rating", rating);
        call.json(201, JsonNodeFactory.instance.objectNode().put("id", FeedbackFiles.id(context)).put("request_id",
                call.id()));
    }

    private ObjectNode about(Fields body, String rating) {
        ObjectNode about = JsonNodeFactory.instance.objectNode().put("rating", rating).put("at",
                Instant.now().toString());
        Generation now = deployment.lease();
        try {
            about.put("model", now.modelFingerprint()).put("index", now.indexFingerprint());
        } finally {
            now.release();
        }
        body.text("session").ifPresent(text -> about.put("session", Fields.limited(text, 128, "session")));
        return about;
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
