package io.retort.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a run has come: all of its state but weights and moments. Its text is JSON.
 *
 * @param step     steps taken
 * @param examples trained on so far
 * @param tokens   trained on so far
 * @param seconds  of training so far, in all sessions
 * @param config   effective settings of the run, its seed among them
 */
record RunState(long step, long examples, long tokens, double seconds, ValidationHistory history, ObjectNode config) {
    private static final ObjectMapper JSON = new ObjectMapper();

    String text() {
        ObjectNode root = JSON.createObjectNode();
        root.put("step", step).put("examples", examples).put("tokens", tokens).put("seconds", seconds);
        root.put("greater_is_better", history.greaterIsBetter());
        ArrayNode validations = root.putArray("validations");
        for (Validation validation : history.validations()) validations.add(validation.json());
        root.set("config", config);
        return root.toString();
    }

    /**
     * @param file named in errors
     */
    static RunState parse(String text, Path file) {
        try {
            JsonNode root = JSON.readTree(text);
            List<Validation> validations = new ArrayList<>();
            for (JsonNode validation : root.required("validations")) validations.add(Validation.of(validation));
            return new RunState(root.required("step").longValue(), root.required("examples").longValue(),
                    root.required("tokens").longValue(), root.required("seconds").doubleValue(),
                    new ValidationHistory(validations, root.required("greater_is_better").booleanValue()),
                    (ObjectNode) root.required("config"));
        } catch (JsonProcessingException | IllegalArgumentException | ClassCastException e) {
            throw BadInput.in(file, "its state cannot be read: " + e.getMessage(), "it is of another version of Retort")
                    .causedBy(e);
        }
    }
}
