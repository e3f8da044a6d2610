package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The course of a training run, out of its {@code metrics.jsonl}, thinned out for a plot. */
final class TrainingCurve {
    /** Points of a plot; more would not be told apart. */
    private static final int POINTS = 150;

    private TrainingCurve() {}

    /** Arrays {@code [step, value]}: {@code loss}, means of as many steps as a point stands for, and {@code validation}. */
    static ObjectNode of(Path metrics) throws IOException {
        ObjectNode curve = JsonNodeFactory.instance.objectNode();
        List<double[]> losses = new ArrayList<>();
        ArrayNode validations = JsonNodeFactory.instance.arrayNode();
        if (Files.isRegularFile(metrics)) read(metrics, losses, validations);
        ArrayNode thinned = curve.putArray("loss");
        int width = Math.max(1, Math.ceilDiv(losses.size(), POINTS));
        for (int from = 0; from < losses.size(); from += width) {
            List<double[]> span = losses.subList(from, Math.min(losses.size(), from + width));
            thinned.addArray().add(span.getLast()[0])
                    .add(span.stream().mapToDouble(point -> point[1]).average().orElseThrow());
        }
        curve.set("validation", validations);
        return curve;
    }

    private static void read(Path metrics, List<double[]> losses, ArrayNode validations) throws IOException {
        try (JsonLines lines = JsonLines.open(metrics)) {
            while (lines.hasNext()) {
                JsonNode line = lines.next().node();
                double step = line.path("step").asDouble();
                if (line.has("loss")) losses.add(new double[]{step, line.get("loss").asDouble()});
                JsonNode measured = line.path("validation");
                if (!measured.isEmpty()) validations.addArray().add(step).add(measured.iterator().next().asDouble());
            }
        }
    }
}
