package io.retort.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.study.JudgeItem;
import io.retort.study.Said;
import io.retort.study.Study;
import io.retort.study.StudyForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code /v1/study}: the items of a study, handed to judges one after the other, and their votes, each on the disk before
 * it is answered. What goes out is what a judge may see, and no more.
 */
final class StudyEndpoints implements AutoCloseable {
    private static final int LONGEST = 256;

    private final Study study;

    private StudyEndpoints(Study study) {
        this.study = study;
    }

    /** Opens the study of the settings, if they name one. */
    static Optional<StudyEndpoints> open(PageSettings settings) throws IOException {
        if (settings.study().isEmpty()) return Optional.empty();
        Path plan = settings.study().get();
        return Optional.of(new StudyEndpoints(Study.open(plan,
                settings.votes().orElseGet(() -> Study.votesBeside(plan)))));
    }

    /** The judge's next item. */
    void next(Call call) {
        String judge = call.body().only(Set.of("judge")).requiredText("judge", LONGEST);
        try {
            call.json(200, json(study.next(judge)).put("request_id", call.id()));
        } catch (IOException e) {
            throw unkept();
        }
    }

    /** Takes a vote and gives the item after it. */
    void vote(Call call) {
        Fields body = call.body().only(Set.of("judge", "item", "answer"));
        String judge = body.requiredText("judge", LONGEST);
        try {
            boolean counts = study.vote(judge, body.requiredText("item", LONGEST),
                    body.requiredText("answer", LONGEST));
            call.json(200, json(study.next(judge)).put("counts", counts).put("request_id", call.id()));
        } catch (IOException e) {
            throw unkept();
        }
    }

    private static Fault unkept() {
        return Fault.of(507, "storage_failed",
                "the vote cannot be kept, so it does not count: the server's disk is full "
                        + "or not writable");
    }

    private static ObjectNode json(Optional<JudgeItem> next) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (next.isEmpty()) return json.putNull("item");
        JudgeItem item = next.get();
        ObjectNode shown = json.putObject("item").put("id", item.id()).put("question", item.question())
                .put("done", item.done()).put("total", item.total());
        turns(shown.putArray("before"), item.before());
        ArrayNode options = shown.putArray("options");
        item.options().forEach(option -> turns(options.addArray(), option));
        ArrayNode choices = shown.putArray("choices");
        for (StudyForm.Choice choice : item.choices()) {
            choices.addObject().put("key", choice.key()).put("answer", choice.answer()).put("label", choice.label());
        }
        return json;
    }

    private static void turns(ArrayNode to, List<Said> turns) {
        for (Said turn : turns) to.addObject().put("judged", turn.judged()).put("text", turn.text());
    }

    @Override
    public void close() throws IOException {
        study.close();
    }
}
