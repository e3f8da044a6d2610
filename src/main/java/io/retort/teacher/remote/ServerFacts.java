package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a server says of itself and of the model that it is asked for.
 *
 * @param kind  of server
 * @param model as the server calls it
 * @param said  what it says of the model, as far as that stays the same when it is started again
 */
record ServerFacts(ServerKind kind, String model, ObjectNode said) {
    /** What tells a model in the lists of servers; times and random ids stand beside it. */
    private static final List<String> LASTING = List.of("id", "owned_by", "root", "parent", "max_model_len", "meta");
    private static final List<String> LASTING_OF_TGI = List.of("model_id", "model_sha", "model_dtype");
    private static final int MOST_TOLD = 10;

    /**
     * Asks a server for its models.
     *
     * @param wanted the model; empty for the only one that there is
     * @throws BadInput           if there is no such model, or there are several to choose from
     * @throws TeacherUnavailable if it does not answer
     */
    static ServerFacts ask(Endpoint endpoint, Optional<String> wanted) {
        List<JsonNode> models = models(endpoint);
        JsonNode entry = wanted.isPresent() || models.size() != 1
                ? chosen(endpoint, models, wanted)
                : models.getFirst();
        ObjectNode said = Endpoint.object();
        for (String name : LASTING) if (entry.has(name)) said.set(name, entry.get(name));
        ServerKind kind = switch (entry.path("owned_by").asText()) {
            case "vllm" -> ServerKind.VLLM;
            case "sglang" -> ServerKind.SGLANG;
            case "llamacpp" -> ServerKind.LLAMA_CPP;
            case "me" -> ServerKind.LLAMA_CPP_PYTHON;
            default -> ServerKind.OTHER;
        };
        if (kind == ServerKind.OTHER) {
            JsonNode info = infoOfTgi(endpoint);
            for (String name : LASTING_OF_TGI) if (info.has(name)) said.set(name, info.get(name));
            if (info.has("model_id")) kind = ServerKind.TGI;
        }
        return new ServerFacts(kind, wanted.orElse(entry.path("id").asText()), said);
    }

    private static List<JsonNode> models(Endpoint endpoint) {
        JsonNode answer;
        try {
            answer = endpoint.get(endpoint.v1("models"));
        } catch (ServerRefusal e) {
            if (e.status() == 404 || e.status() == 405) return List.of();
            throw BadInput.of(
                    "the teacher's server " + endpoint.address() + " " + e.told() + " when asked for its models",
                    "see that the address is right and ends in /v1");
        } catch (BadAnswer e) {
            throw BadInput.of("the teacher's server " + endpoint.address() + " " + e.getMessage(),
                    "see that the address is right");
        }
        List<JsonNode> models = new ArrayList<>();
        for (JsonNode entry : answer.path("data")) if (entry.path("id").isTextual()) models.add(entry);
        return models;
    }

    private static JsonNode chosen(Endpoint endpoint, List<JsonNode> models, Optional<String> wanted) {
        String names = models.stream().limit(MOST_TOLD).map(entry -> entry.path("id").asText())
                .collect(Collectors.joining(", ")) + (models.size() > MOST_TOLD ? ", …" : "");
        if (wanted.isEmpty()) {
            throw BadInput.of("the teacher's server " + endpoint.address()
                    + (models.isEmpty() ? " does not say which models it has" : " has several models: " + names),
                    "name the teacher's model");
        }
        // A server that lists nothing may have the model all the same.
        if (models.isEmpty()) return Endpoint.object().put("id", wanted.get());
        return models.stream().filter(entry -> entry.path("id").asText().equals(wanted.get())).findFirst()
                .orElseThrow(() -> BadInput.of("the teacher's server " + endpoint.address() + " has no model "
                        + wanted.get(), "name one that it has: " + names));
    }

    private static JsonNode infoOfTgi(Endpoint endpoint) {
        try {
            return endpoint.getOnce(endpoint.own("info"));
        } catch (ServerRefusal | BadAnswer | BadInput e) {
            return Endpoint.object(); // Only one kind of server knows it.
        }
    }

    /** Tells the model from others that may say something else: by its name, and by what the server says of it. */
    String fingerprint() {
        Sha256 hash = new Sha256();
        hash.update((kind.name() + "\n" + model + "\n" + said).getBytes(StandardCharsets.UTF_8));
        return hash.hex();
    }
}
