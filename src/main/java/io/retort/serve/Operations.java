package io.retort.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What those who run a server ask it: whether it lives and is ready, its figures, and to take over another model. */
final class Operations {
    private final Deployment deployment;
    private final ServerMetrics metrics;
    private final BooleanSupplier isClosing;

    Operations(Deployment deployment, ServerMetrics metrics, BooleanSupplier isClosing) {
        this.deployment = deployment;
        this.metrics = metrics;
        this.isClosing = isClosing;
    }

    void live(Call call) {
        call.json(200, JsonNodeFactory.instance.objectNode().put("status", "live"));
    }

    void ready(Call call) {
        if (isClosing.getAsBoolean()) throw Fault.unavailable("the server is closing; try another");
        Generation now = deployment.lease();
        try {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("status", "ready");
            json.put("model", now.name()).put("model_fingerprint", now.modelFingerprint())
                    .put("index_fingerprint", now.indexFingerprint()).put("responses", now.responder().size());
            if (!deployment.lastFailure().isEmpty())
                json.put("last_reload", "failed; the log and the metrics tell more");
            call.json(200, json);
        } finally {
            now.release();
        }
    }

    void metrics(Call call) {
        call.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
    }

    /** Takes over another model or index, or the same files as they are now. */
    void reload(Call call) {
        Fields body = call.optionalBody().only(Set.of("model", "index"));
        Generation.Source source = deployment.reload(body.text("model"), body.text("index").map(Operations::path));
        call.json(200, JsonNodeFactory.instance.objectNode().put("model", source.name())
                .put("index", source.index().toString()).put("request_id", call.id()));
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Fault.field("index", "is no path");
        }
    }
}
