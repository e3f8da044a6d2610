package io.retort.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** {@code GET /v1/models} and {@code POST /v1/embeddings}: the model that serves, by its name and its vectors. */
final class Models {
    /** The name by which whatever serves can be called, whichever model it is. */
    static final String ALIAS = "retort";
    private static final Set<String> SIDES = Set.of("reply", "context");
    private static final long PATIENCE_SECONDS = 2;

    private final Deployment deployment;
    private final ServeSettings settings;
    private final ServerMetrics metrics;
    private final long started = System.currentTimeMillis() / 1000;
    /** The pool computes one thing at a time anyway; requests beyond these wait a moment, or are refused. */
    private final Semaphore encoding = new Semaphore(2);

    Models(Deployment deployment, ServeSettings settings, ServerMetrics metrics) {
        this.deployment = deployment;
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * Refuses a name that is not of the model that serves.
     *
     * @throws Fault as OpenAI's server has it
     */
    static void require(String model, Generation now) {
        if (model.equals(now.name()) || model.equals(now.source().model().name()) || model.equals(ALIAS)) return;
        throw Fault.of(404, "model_not_found", "there is no model of that name here; " + now.name()
                + " serves, or whatever serves as " + ALIAS);
    }

    void list(Call call) {
        Generation now = deployment.lease();
        try {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
            ArrayNode data = json.putArray("data");
            data.add(model(now.name(), now));
            if (!now.name().equals(ALIAS)) data.add(model(ALIAS, now));
            call.json(200, json);
        } finally {
            now.release();
        }
    }

    void get(Call call) {
        Generation now = deployment.lease();
        try {
            String name = call.pathParameter("id");
            require(name, now);
            call.json(200, model(name, now));
        } finally {
            now.release();
        }
    }

    private ObjectNode model(String name, Generation now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", name).put("object", "model")
                .put("created", started).put("owned_by", "retort");
        json.put("fingerprint", now.modelFingerprint()).put("dimensions", now.responder().model().dim());
        json.putObject("index").put("fingerprint", now.indexFingerprint()).put("responses", now.responder().size());
        return json;
    }

    void embed(Call call) {
        Fields body = call.body();
        Generation now = deployment.lease();
        try {
            String model = body.requiredText("model", 256);
            require(model, now);
            List<String> texts = texts(body);
            String format = body.text("encoding_format").orElse("float");
            if (!format.equals("float") && !format.equals("base64")) {
                throw Fault.field("encoding_format", "is neither float nor base64");
            }
            int dim = now.responder().model().dim();
            if (body.integer("dimensions", dim, 1, Integer.MAX_VALUE) != dim) {
                throw Fault.unsupported("dimensions", "this model's vectors have " + dim);
            }
            String side = body.text("input_type").orElse("reply");
            if (!SIDES.contains(side)) throw Fault.field("input_type", "is neither reply nor context");
            call.json(200, embedded(now, model, texts, side, format.equals("base64")));
        } finally {
            now.release();
        }
    }

    private List<String> texts(Fields body) {
        JsonNode input = body.required("input");
        List<JsonNode> given = input.isTextual()
                ? List.of(input)
                : Fields.elements(input, "input", settings.maxContexts());
        if (given.isEmpty()) throw Fault.field("input", "is empty; send at least one text");
        List<String> texts = new ArrayList<>();
        for (JsonNode each : given) {
            String at = input.isTextual() ? "input" : "input[" + texts.size() + "]";
            if (!each.isTextual()) throw Fault.unsupported(at, "texts are read, not lists of token ids");
            texts.add(Fields.limited(Fields.filled(Fields.text(each, at), at), settings.maxCharacters(), at));
        }
        return texts;
    }

    private ObjectNode embedded(Generation now, String name, List<String> texts, String side, boolean base64) {
        RetrievalModel model = now.responder().model();
        boolean isReply = side.equals("reply");
        if (!isReply && model.config().form().contextVectors().isPresent()) {
            throw Fault.unsupported("input_type", "this model makes several vectors of a context");
        }
        List<int[]> ids = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            try {
                ids.add(isReply
                        ? model.inputs().reply(texts.get(i))
                        : model.inputs().context(io.retort.dialogue.Context.of(texts.get(i))));
            } catch (BadInput e) {
                throw Fault.field(texts.size() == 1 ? "input" : "input[" + i + "]", "is " + e.getMessage());
            }
        }
        long started = System.nanoTime();
        float[][] vectors = encoded(model, texts, ids, isReply);
        metrics.stage("embed", (System.nanoTime() - started) / texts.size());
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list").put("model", name);
        ArrayNode data = json.putArray("data");
        for (int i = 0; i < vectors.length; i++) {
            ObjectNode one = data.addObject().put("object", "embedding").put("index", i);
            if (base64) {
                one.put("embedding", base64(vectors[i]));
            } else {
                ArrayNode numbers = one.putArray("embedding");
                for (float number : vectors[i]) numbers.add(number);
            }
        }
        int tokens = ids.stream().mapToInt(each -> each.length).sum();
        json.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
        return json;
    }

    private float[][] encoded(RetrievalModel model, List<String> texts, List<int[]> ids, boolean isReply) {
        try {
            if (!encoding.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw Fault.busy("too many texts wait to be encoded; try again in a second");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Fault.unavailable("the server is closing; try another");
        }
        try {
            return isReply ? model.encodeReplies(texts, Progress.NONE) : model.encodeContexts(ids, Progress.NONE);
        } finally {
            encoding.release();
        }
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : vector) bytes.putFloat(number);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
