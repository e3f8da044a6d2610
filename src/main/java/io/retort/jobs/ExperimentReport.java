package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.distill.SourceContext;
import io.retort.distill.TeacherScore;
import io.retort.eval.DistinctNgrams;
import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Latency;
import io.retort.eval.MetricShare;
import io.retort.eval.PairedComparison;
import io.retort.eval.ReplyLength;
import io.retort.files.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Computes the numbers of an experiment's report, {@code report.json}.
 *
 * @param settings  effective, of the experiment
 * @param measuring what was measured on
 * @param base      the model that all students begin from, as it is
 * @param cells     of the grid, in its order
 * @param teacher   null for none
 * @param samples   contexts whose replies are shown, of the first seed
 */
record ExperimentReport(ObjectNode settings, EvaluationSuite measuring, Measurement base,
        SequencedMap<ExperimentSettings.Cell, Measurement> cells, TeacherOpinion teacher, int samples) {
    /** The name of the row of the model that all students begin from. */
    static final String BASE = "zero-shot";

    /** Everything that the report tells, as JSON. */
    public ObjectNode json(ExperimentFolder folder) throws IOException {
        List<MethodMeasurements> rows = rows();
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("contexts", measuring.contexts().size()).put("responses", measuring.responses().size())
                .put("generated_responses", measuring.responses().generated());
        ObjectNode tests = root.putObject("tests");
        measuring.tests().forEach((name, cases) -> tests.put(name, cases.size()));
        if (teacher == null) root.putNull("teacher");
        else putTeacher(root.putObject("teacher"));
        ArrayNode methods = root.putArray("methods");
        for (MethodMeasurements row : rows) methods.add(json(row));
        root.set("comparisons", Significance.of(rows, teacher));
        root.set("samples", sideBySide());
        ArrayNode runs = root.putArray("cells");
        for (Map.Entry<ExperimentSettings.Cell, Measurement> cell : cells.entrySet()) {
            runs.add(run(cell.getKey(), cell.getValue(), folder));
        }
        root.set("settings", settings);
        return root;
    }

    private List<MethodMeasurements> rows() {
        SequencedMap<ComparedMethod, List<Measurement>> byMethod = new LinkedHashMap<>();
        cells.forEach((cell, measurement) -> byMethod.computeIfAbsent(cell.method(), _ -> new ArrayList<>())
                .add(measurement));
        List<MethodMeasurements> rows = new ArrayList<>(List.of(new MethodMeasurements(BASE, List.of(base))));
        byMethod.forEach((method, seeds) -> rows.add(new MethodMeasurements(method.toString(), seeds)));
        return rows;
    }

    private void putTeacher(ObjectNode to) {
        to.put("name", teacher.name());
        if (teacher.nanos().length > 0) to.set("latency_ms", json(Latency.of(teacher.nanos(), 0)));
    }

    private ObjectNode json(MethodMeasurements row) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("method", row.name()).put("seeds",
                row.seeds().size());
        ObjectNode tests = node.putObject("tests");
        for (MethodMeasurements.Series series : row.tests()) {
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

    private void putScores(MethodMeasurements row, ObjectNode replies) {
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

    private static ObjectNode run(ExperimentSettings.Cell cell, Measurement measurement, ExperimentFolder folder)
            throws IOException {
        Path path = folder.cell(cell);
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("name", cell.name())
                .put("method", cell.method().toString()).put("seed", cell.seed())
                .put("fingerprint", measurement.fingerprint());
        node.set("curve", TrainingCurve.of(path.resolve("training/metrics.jsonl")));
        JsonNode provenance = folder.read("cells/" + cell.name() + "/provenance.json").orElseThrow();
        node.set("provenance", provenance);
        return node;
    }

    /**
     * A row of the table: all seeds of a method. Values of a context are the mean over seeds, so that seeds do not pass
     * for contexts.
     *
     * @param seeds measurements, one or more
     */
    record MethodMeasurements(String name, List<Measurement> seeds) {
        /** A mean over contexts of a case-by-case quantity: where it applies, {@code whole} is above 0. */
        record Series(String test, String metric, List<MetricShare> shares) {
            String key() {
                return test + " " + metric;
            }
        }

        /** The metrics of all ranking tests, each as a series of case-by-case values. */
        List<Series> tests() {
            List<Series> all = new ArrayList<>();
            seeds.getFirst().tests().forEach((test, results) -> results.shares().keySet().forEach(metric -> all.add(
                    new Series(test, metric, Measurement.CaseResults.mean(seeds.stream()
                            .map(seed -> seed.tests().get(test).shares().get(metric)).toList())))));
            return all;
        }

        /** The metric's value for each seed. */
        double[] bySeed(Series series) {
            return seeds.stream().mapToDouble(seed -> MetricShare.estimate(
                    seed.tests().get(series.test).shares().get(series.metric), 1).value()).toArray();
        }

        /**
         * The teacher's mean score of the replies to each context, over seeds; NaN where it judged none of them.
         */
        double[] scores(TeacherOpinion teacher, TeacherScore by) {
            double[] scores = new double[seeds.getFirst().replies().size()];
            for (int i = 0; i < scores.length; i++) {
                int context = i;
                scores[i] = seeds.stream().map(seed -> teacher.score(context, seed.replies().get(context),
                        by == TeacherScore.MI)).filter(OptionalDouble::isPresent)
                        .mapToDouble(OptionalDouble::getAsDouble)
                        .average().orElse(Double.NaN);
            }
            return scores;
        }

        /**
         * Dist-2, Dist-3 and length of the chosen replies: means of the seeds' values and of the ends of their
         * intervals.
         */
        SequencedMap<String, Estimate> texts() {
            SequencedMap<String, Estimate> all = new LinkedHashMap<>();
            for (DistinctNgrams ngrams : List.of(new DistinctNgrams(2), new DistinctNgrams(3))) {
                all.put(ngrams.key(), mean(ngrams::of));
            }
            all.put("length", mean(new ReplyLength()::of));
            return all;
        }

        private Estimate mean(Function<List<String>, Estimate> of) {
            List<Estimate> estimates = seeds.stream().map(seed -> of.apply(seed.replies())).toList();
            double low = estimates.stream().mapToDouble(e -> e.interval().low()).average().orElseThrow();
            double high = estimates.stream().mapToDouble(e -> e.interval().high()).average().orElseThrow();
            double value = estimates.stream().mapToDouble(Estimate::value).average().orElseThrow();
            return new Estimate(value, new Interval(low, high));
        }

        /** The latency over all replies of all seeds. */
        Latency latency() {
            return Latency.of(seeds.stream().flatMapToLong(seed -> LongStream.of(seed.nanos())).toArray(), 0);
        }
    }

    /**
     * Whether a later row of the table beats an earlier one by more than chance: paired by contexts, by every metric of
     * every test and by the teacher's scores of the chosen replies.
     */
    private static final class Significance {
        private static final long SEED = 20210812;

        private Significance() {}

        /**
         * @param teacher null for none
         */
        static ArrayNode of(List<MethodMeasurements> rows, TeacherOpinion teacher) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            for (int b = 0; b < rows.size(); b++) {
                for (int a = b + 1; a < rows.size(); a++) compare(rows.get(a), rows.get(b), teacher, all);
            }
            return all;
        }

        private static void compare(MethodMeasurements a, MethodMeasurements b, TeacherOpinion teacher, ArrayNode to) {
            List<MethodMeasurements.Series> ofA = a.tests(), ofB = b.tests();
            for (int i = 0; i < ofA.size(); i++) {
                add(to, a, b, ofA.get(i).key(),
                        PairedComparison.ofShares(ofA.get(i).shares(), ofB.get(i).shares(), SEED));
            }
            if (teacher == null) return;
            for (TeacherScore by : TeacherScore.values()) {
                double[] x = a.scores(teacher, by), y = b.scores(teacher, by);
                int[] both = IntStream.range(0, x.length).filter(i -> !Double.isNaN(x[i]) && !Double.isNaN(y[i]))
                        .toArray();
                if (both.length == 0) continue;
                add(to, a, b, "teacher " + by.key(), PairedComparison.ofValues(IntStream.of(both).mapToDouble(i -> x[i])
                        .toArray(), IntStream.of(both).mapToDouble(i -> y[i]).toArray(), SEED));
            }
        }

        private static void add(ArrayNode to, MethodMeasurements a, MethodMeasurements b, String metric,
                PairedComparison found) {
            ObjectNode node = to.addObject().put("a", a.name()).put("b", b.name()).put("metric", metric).put("n",
                    found.n()).put("difference", found.difference());
            node.putArray("ci").add(found.interval().low()).add(found.interval().high());
            node.put("bootstrap_p", found.bootstrapP()).put("wilcoxon_p", found.wilcoxonP()).put("significant",
                    found.isSignificant());
        }
    }

    /** The course of a training run, out of its {@code metrics.jsonl}, thinned out for a plot. */
    private static final class TrainingCurve {
        /** The most points of a plotted curve; more could not be told apart. */
        private static final int POINTS = 150;

        private TrainingCurve() {}

        /**
         * Reads the curve of a run as arrays {@code [step, value]}: {@code loss}, means of as many steps as a point
         * stands for, and {@code validation}.
         */
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
                    if (!measured.isEmpty())
                        validations.addArray().add(step).add(measured.iterator().next().asDouble());
                }
            }
        }
    }
}
