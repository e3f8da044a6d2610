package io.retort.safety;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells by a turn's vector whether it is everyday talk, provocation or a crisis: softmax regression on what one student
 * makes of the turn. It belongs to that very student, whose fingerprint it holds, and lies in its folder as
 * {@value #FILE}. Immutable; any thread.
 */
public final class SafetyClassifier {
    /** The name of the file in a student's folder. */
    public static final String FILE = "safety.json";
    private static final int MOST_BYTES = 1 << 22, MOST_DIMS = 1 << 14, VERSION = 1, FOLDS = 5;

    private final String student;
    private final double[][] weights; // by kind: one for each number of a vector, and the bias
    private final double[] thresholds; // by kind

    /** What a turn may be; the order is that of the file. */
    public enum Kind {
        /** What people say every day, which passes. */
        FINE,
        /** What people say to provoke a bot, or to hurt somebody. */
        ABUSE,
        /** Somebody is in danger. */
        CRISIS
    }

    /** A vector and what it is of. */
    public record Example(float[] vector, Kind kind) {
    }

    private SafetyClassifier(String student, double[][] weights, double[] thresholds) {
        this.student = student;
        this.weights = weights;
        this.thresholds = thresholds;
    }

    /**
     * Fits a classifier; the same examples in the same order give the same one.
     *
     * @param student  fingerprint of the student that made the vectors
     * @param examples to learn from, of each kind at least one; kinds count alike however many they are
     * @param everyday vectors of everyday talk that is not among the examples, by which thresholds are set
     * @param alarms   share of that talk that may be stopped
     */
    public static SafetyClassifier fit(String student, List<Example> examples, List<float[]> everyday, double alarms) {
        return fit(student, examples, List.of(), 1, everyday, alarms, alarms);
    }

    /**
     * Fits a classifier as {@link #fit(String, List, List, double)} does, with examples that a person labelled. Those of
     * them that are fine, which sound as if they were not, set the thresholds, too: each as a classifier sees it that was
     * fitted without it.
     *
     * @param weight     how often a labelled example counts beside another
     * @param lookAlikes share of the labelled examples that are fine that may be stopped
     */
    public static SafetyClassifier fit(String student, List<Example> examples, List<Example> labelled, int weight,
            List<float[]> everyday, double alarms, double lookAlikes) {
        if (examples.isEmpty() && labelled.isEmpty()) throw new IllegalArgumentException("examples is empty");
        if (everyday.isEmpty()) throw new IllegalArgumentException("everyday is empty");
        requireShare(alarms, "alarms");
        requireShare(lookAlikes, "lookAlikes");
        double[][] weights = weights(examples, labelled, weight);
        List<double[]> innocents = crossed(examples, labelled, weight);
        double[] thresholds = new double[weights.length];
        for (Kind kind : List.of(Kind.ABUSE, Kind.CRISIS)) {
            double[] talk = everyday.stream()
                    .mapToDouble(vector -> SoftmaxRegression.shares(weights, vector)[kind.ordinal()]).toArray();
            double[] alike = innocents.stream().mapToDouble(shares -> shares[kind.ordinal()]).toArray();
            double limit = Math.max(exceededBy(talk, alarms / 2), exceededBy(alike, lookAlikes / 2));
            thresholds[kind.ordinal()] = Math.max(0.5, limit);
        }
        return new SafetyClassifier(student, weights, thresholds);
    }

    private static void requireShare(double share, String name) {
        if (!(share > 0 && share < 1)) throw new IllegalArgumentException(name + " is " + share + ", not 0 to 1");
    }

    private static double[][] weights(List<Example> examples, List<Example> labelled, int weight) {
        List<Example> all = new ArrayList<>(examples);
        labelled.forEach(each -> all.addAll(Collections.nCopies(weight, each)));
        return SoftmaxRegression.fit(all, Kind.values().length);
    }

    /** What classifiers that have not seen them make of the labelled examples that are fine. */
    private static List<double[]> crossed(List<Example> examples, List<Example> labelled, int weight) {
        List<double[]> innocents = new ArrayList<>();
        for (int fold = 0; fold < FOLDS && labelled.size() >= FOLDS; fold++) {
            List<Example> others = new ArrayList<>(), held = new ArrayList<>();
            for (int i = 0; i < labelled.size(); i++) (i % FOLDS == fold ? held : others).add(labelled.get(i));
            double[][] weights = weights(examples, others, weight);
            held.stream().filter(each -> each.kind == Kind.FINE)
                    .forEach(each -> innocents.add(SoftmaxRegression.shares(weights, each.vector)));
        }
        return innocents;
    }

    /** The least of the values that at most a share of them exceeds; 0 of none. */
    private static double exceededBy(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0
                ? 0
                : sorted[(int) Math.min(sorted.length - 1, Math.ceil(sorted.length * (1 - share)))];
    }

    /** The fingerprint of the student whose vectors it understands. */
    public String student() {
        return student;
    }

    /** Number of values of a vector. */
    public int dims() {
        return weights[0].length - 1;
    }

    /** How likely a turn is of each kind, by its vector; they sum to 1. */
    public double[] shares(float[] vector) {
        if (vector.length != dims()) {
            throw new IllegalArgumentException("vector has " + vector.length + " values, not " + dims());
        }
        return SoftmaxRegression.shares(weights, vector);
    }

    /** Why a turn is stopped, by its vector; empty if it passes. */
    public Optional<SafetyVerdict> classify(float[] vector) {
        double[] shares = shares(vector);
        if (shares[Kind.CRISIS.ordinal()] > thresholds[Kind.CRISIS.ordinal()]) {
            return Optional.of(verdict(SafetyCategory.CRISIS, shares[Kind.CRISIS.ordinal()]));
        }
        double abuse = shares[Kind.ABUSE.ordinal()];
        return abuse > thresholds[Kind.ABUSE.ordinal()]
                ? Optional.of(verdict(SafetyCategory.PROVOCATION, abuse))
                : Optional.empty();
    }

    private static SafetyVerdict verdict(SafetyCategory category, double share) {
        return SafetyVerdict.stops(category,
                String.format(Locale.ROOT, "the classifier is sure of it by %.3f", share));
    }

    /**
     * Reads the classifier in a student's folder; empty if there is none.
     *
     * @throws BadInput if the file is none
     */
    public static Optional<SafetyClassifier> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) return Optional.empty();
        JsonNode json = JsonFile.read(file, MOST_BYTES);
        try {
            int dims = json.path("dims").asInt();
            if (json.path("version").asInt() != VERSION) throw new IllegalArgumentException("its version is another");
            if (dims < 1 || dims > MOST_DIMS) throw new IllegalArgumentException("\"dims\" is " + dims);
            JsonNode rows = json.path("weights");
            int kinds = Kind.values().length;
            if (rows.size() != kinds) throw new IllegalArgumentException("it has weights of " + rows.size() + " kinds");
            double[][] weights = new double[kinds][];
            for (int kind = 0; kind < kinds; kind++) weights[kind] = numbers(rows.get(kind), dims + 1, "weights");
            return Optional.of(new SafetyClassifier(json.path("student").asText(), weights,
                    numbers(json.path("thresholds"), kinds, "thresholds")));
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, "is no classifier of a safety screen: " + e.getMessage(),
                    "delete it and fit it again").causedBy(e);
        }
    }

    private static double[] numbers(JsonNode json, int count, String name) {
        if (!json.isArray() || json.size() != count) {
            throw new IllegalArgumentException("\"" + name + "\" does not hold " + count + " numbers");
        }
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = json.get(i).isNumber() ? json.get(i).doubleValue() : Double.NaN;
            if (!Double.isFinite(numbers[i])) throw new IllegalArgumentException("\"" + name + "\" holds no number");
        }
        return numbers;
    }

    /**
     * Writes the classifier into its student's folder.
     *
     * @param data what it was fitted on, told for provenance
     * @return the file
     */
    public Path write(Path folder, String data) throws IOException {
        ObjectNode json = new ObjectMapper().createObjectNode().put("version", VERSION).put("student", student)
                .put("data", data).put("dims", dims());
        ArrayNode limits = json.putArray("thresholds"), rows = json.putArray("weights");
        Arrays.stream(thresholds).forEach(each -> limits.add(rounded(each)));
        for (double[] its : weights) {
            ArrayNode row = rows.addArray();
            Arrays.stream(its).forEach(each -> row.add(rounded(each)));
        }
        Path file = folder.resolve(FILE);
        AtomicFile.write(file, (json + "\n").getBytes(StandardCharsets.UTF_8));
        return file;
    }

    private static double rounded(double value) {
        return Math.rint(value * 1e4) / 1e4;
    }
}
