package io.retort.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The metrics that one validation measured during training.
 *
 * @param step    steps taken before it
 * @param metrics by name, one or more; the first tells the best
 */
public record Validation(long step, SequencedMap<String, Double> metrics) {
    /** The value of the first metric, by which the best validation is told. */
    public double metric() {
        return metrics.firstEntry().getValue();
    }

    /** The validation as {@code {"step": …, "metrics": {…}}}. */
    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("step", step);
        ObjectNode values = root.putObject("metrics");
        metrics.forEach(values::put);
        return root;
    }

    /**
     * Reads what {@link #json()} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static Validation of(JsonNode root) {
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> metric : root.required("metrics").properties()) {
            values.put(metric.getKey(), metric.getValue().doubleValue());
        }
        return new Validation(root.required("step").longValue(), values);
    }
}
