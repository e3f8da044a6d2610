package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.distill.SourceContext;
import io.retort.distill.TeacherScore;
import io.retort.eval.Estimate;
import io.retort.eval.Latency;
import io.retort.eval.MetricShare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.DoubleStream;

/**
 * The numbers of an experiment: {@code report.json}.
 *
 * @param settings  effective, of the experiment
 * @param measuring what was measured on
 * @param base      the model that all students begin from, as it is
 * @param cells     of the grid, in its order
 * @param teacher   null for none
 * @param samples   contexts whose replies are shown, of the first seed
 */
record Report(ObjectNode settings, Measuring measuring, Measurement base,
        SequencedMap<Cell, Measurement> cells, TeacherOpinion teacher, int samples) {
    /** The name of the row of the model that all students begin from. */
    static final String BASE = "zero-shot";

    /** The whole report. */
    public ObjectNode json(ExperimentFolder folder) throws IOException {
        List<Row> rows = rows();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("contexts", measuring.contexts().size()).put("responses", measuring.responses().size())
                .put("generated_responses", measuring.responses().generated());
        ObjectNode tests = root.putObject("tests");
        measuring.tests().forEach((name, cases) -> tests.put(name, cases.size()));
        if (teacher == null) root.putNull("teacher");
        else putTeacher(root.putObject("teacher"));
        ArrayNode methods = root.putArray("methods");
        for (Row row : rows) methods.add(json(row));
        root.set("comparisons", Significance.of(rows, teacher));
        root.set("samples", sideBySide());
        ArrayNode runs = root.putArray("cells");
        for (Map.Entry<Cell, Measurement> cell : cells.entrySet()) {
            runs.add(run(cell.getKey(), cell.getValue(), folder));
        }
        root.set("settings", settings);
        return root;
    }

    private List<Row> rows() {
        SequencedMap<Method, List<Measurement>> byMethod = new LinkedHashMap<>();
        cells.forEach((cell, measurement) -> byMethod.computeIfAbsent(cell.method(), _ -> new ArrayList<>())
                .add(measurement));
        List<Row> rows = new ArrayList<>(List.of(new Row(BASE, List.of(base))));
        byMethod.forEach((method, seeds) -> rows.add(new Row(method.toString(), seeds)));
        return rows;
    }

    private void putTeacher(ObjectNode to) {
        to.put("name", teacher.name());
        if (teacher.nanos().length > 0) to.set("latency_ms", json(Latency.of(teacher.nanos(), 0)));
    }

    private ObjectNode json(Row row) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("method", row.name()).put("seeds",
                row.seeds().size());
        ObjectNode tests = node.putObject("tests");
        for (Row.Series series : row.tests()) {
            ObjectNode test = tests.path(series.test()) instanceof ObjectNode known
                    ? known
                    : tests.putObject(series.test());
            ObjectNode value = json(MetricShare.estimate(series.shares(), 1));
            DoubleStream.of(row.bySeed(series)).forEach(value.putArray("by_seed")::add);
            test.set(series.metric(), value);
        }
        ObjectNode replies = node.putObject("replies");
        row.texts().forEach((name, estimate) -> replies.set(name, json(estimate)));
        if (teacher != null) putScores(row, replies);
        node.set("latency_ms", json(row.latency()));
        return node;
    }

    private void putScores(Row row, ObjectNode replies) {
        for (TeacherScore by : TeacherScore.values()) {
            double[] known = DoubleStream.of(row.scores(teacher, by)).filter(score -> !Double.isNaN(score)).toArray();
            if (known.length > 0) replies.set(by.key(), json(Estimate.ofMean(known)).put("n", known.length));
        }
    }

    private static ObjectNode json(Estimate estimate) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("value", estimate.value());
        node.putArray("ci").add(estimate.interval().low()).add(estimate.interval().high());
        return node;
    }

    private static ObjectNode json(Latency latency) {
        return JsonNodeFactory.instance.objectNode().put("n", latency.n()).put("p50", latency.p50().value() / 1e6)
                .put("p99", latency.p99().value() / 1e6).put("mean", latency.mean().value() / 1e6);
    }

    private ArrayNode sideBySide() {
        SequencedMap<String, Measurement> first = new LinkedHashMap<>();
        first.put(BASE, base);
        cells.forEach((cell, measurement) -> first.putIfAbsent(cell.method().toString(), measurement));
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < Math.min(samples, measuring.contexts().size()); i++) {
            SourceContext context = measuring.contexts().get(i);
            ObjectNode sample = all.addObject();
            context.context().turns().forEach(sample.putArray("context")::add);
            context.originals().forEach(sample.putArray("original")::add);
            ObjectNode replies = sample.putObject("replies");
            int place = i;
            first.forEach((name, measurement) -> replies.put(name, measurement.replies().get(place)));
        }
        return all;
    }

    private static ObjectNode run(Cell cell, Measurement measurement, ExperimentFolder folder) throws IOException {
        Path path = folder.cell(cell);
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("name", cell.name())
                .put("method", cell.method().toString()).put("seed", cell.seed())
                .put("fingerprint", measurement.fingerprint());
        node.set("curve", TrainingCurve.of(path.resolve("training/metrics.jsonl")));
        JsonNode provenance = folder.read("cells/" + cell.name() + "/provenance.json").orElseThrow();
        node.set("provenance", provenance);
        return node;
    }
}
