package io.retort.learn;

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
 * @param digests  of data and parents ({@link TrainingSources#digests()})
 */
record RunState(long step, long examples, long tokens, double seconds, ValidationHistory history, ObjectNode config,
        List<String> digests) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The state of a run of a task before its first step. */
    static RunState beginning(TrainingTask task, ObjectNode config) {
        return new RunState(0, 0, 0, 0, new ValidationHistory(List.of(), task.greaterIsBetter()), config,
                task.sources().digests());
    }

    /** The state that follows this one when one more step has been taken. */
    RunState after(TrainingTask.Step work, double duration) {
        return new RunState(step + 1, examples + work.examples(), tokens + work.tokens(), seconds + duration, history,
                config, digests);
    }

    /** The state that follows this one when one more validation has been made. */
    RunState with(Validation validation) {
        return new RunState(step, examples, tokens, seconds, history.with(validation), config, digests);
    }

    String text() {
        ObjectNode root = JSON.createObjectNode();
        root.put("step", step).put("examples", examples).put("tokens", tokens).put("seconds", seconds);
        root.put("greater_is_better", history.greaterIsBetter());
        ArrayNode validations = root.putArray("validations");
        for (Validation validation : history.validations()) validations.add(validation.json());
        root.set("config", config);
        digests.forEach(root.putArray("digests")::add);
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
            List<String> digests = new ArrayList<>();
            for (JsonNode digest : root.required("digests")) digests.add(digest.asText());
            return new RunState(root.required("step").longValue(), root.required("examples").longValue(),
                    root.required("tokens").longValue(), root.required("seconds").doubleValue(),
                    new ValidationHistory(validations, root.required("greater_is_better").booleanValue()),
                    (ObjectNode) root.required("config"), digests);
        } catch (JsonProcessingException | IllegalArgumentException | ClassCastException e) {
            throw BadInput.in(file, "its state cannot be read: " + e.getMessage(), "it is of another version of Retort")
                    .causedBy(e);
        }
    }
}
