package io.retort.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * How a training run ended, and what it came to.
 *
 * @param steps   taken
 * @param seconds of training, in all sessions
 * @param best    validation, whose weights the model has; empty if there was none
 * @param model   the folder; it holds a model unless the run was interrupted
 */
public record TrainingResult(Ending ending, long steps, double seconds, Optional<Validation> best, Path model) {
    /** Why a run ended. */
    public enum Ending {
        /** All steps of the settings were taken. */
        DONE,
        /** Training stopped early, since too many validations in a row were no better than the best. */
        EARLY,
        /** The run was told to stop, and can be resumed. */
        INTERRUPTED
    }

    /** The result as it is kept in the run's folder. */
    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("ending", ending.name().toLowerCase(Locale.ROOT)).put("steps", steps).put("seconds", seconds);
        best.ifPresent(validation -> root.set("best", validation.json()));
        return root;
    }

    /** Reads what {@link #json()} wrote. */
    static TrainingResult of(JsonNode root, Path model) {
        Ending ending = Ending.valueOf(root.required("ending").asText().toUpperCase(Locale.ROOT));
        return new TrainingResult(ending, root.required("steps").longValue(), root.required("seconds").doubleValue(),
                Optional.ofNullable(root.get("best")).map(Validation::of), model);
    }
}
