package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a {@link DistillJob} will take, by a short measurement on a few of its own contexts.
 *
 * @param contexts    to learn from
 * @param heldOut     dialogues that are measured on
 * @param steps       of training
 * @param tokensPerS  that the teacher writes in a second; 0 without one
 * @param seconds     by stage
 * @param memoryBytes the most that the process will hold; empty where the system does not tell
 */
public record DistillEstimate(long contexts, long heldOut, long steps, double tokensPerS,
        SortedMap<DistillStage, Double> seconds, OptionalLong memoryBytes) {
    private static final String MEMORY = "memory_bytes";

    public DistillEstimate {
        seconds = Collections.unmodifiableSortedMap(new TreeMap<>(seconds));
    }

    /** Seconds of all stages together. */
    public double total() {
        return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** As plain values by name. */
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("contexts", contexts);
        values.put("held_out", heldOut);
        values.put("steps", steps);
        values.put("tokens_per_s", tokensPerS);
        Map<String, Object> stages = new LinkedHashMap<>();
        seconds.forEach((stage, time) -> stages.put(stage.toString(), time));
        values.put("seconds", stages);
        memoryBytes.ifPresent(bytes -> values.put(MEMORY, bytes));
        return values;
    }

    /** The estimate as it is kept. */
    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("contexts", contexts).put("held_out", heldOut)
                .put("steps", steps).put("tokens_per_s", tokensPerS);
        ObjectNode stages = root.putObject("seconds");
        seconds.forEach((stage, time) -> stages.put(stage.toString(), time));
        memoryBytes.ifPresent(bytes -> root.put(MEMORY, bytes));
        return root;
    }

    /** Reads what {@link #json()} wrote. */
    static DistillEstimate of(JsonNode root) {
        Map<DistillStage, Double> seconds = new EnumMap<>(DistillStage.class);
        for (DistillStage stage : DistillStage.values()) {
            JsonNode time = root.path("seconds").path(stage.toString());
            if (time.isNumber()) seconds.put(stage, time.asDouble());
        }
        return new DistillEstimate(root.path("contexts").asLong(), root.path("held_out").asLong(),
                root.path("steps").asLong(), root.path("tokens_per_s").asDouble(), new TreeMap<>(seconds),
                root.has(MEMORY) ? OptionalLong.of(root.path(MEMORY).asLong()) : OptionalLong.empty());
    }
}
