package io.retort.reply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * What a student's scores mean: how likely a reply of a score fits its context, if it might as well have been drawn at
 * random. The logistic curve through scores of replies that fit and of replies drawn at random, both counting for a
 * half; its middle is the score floor, below which a random reply is as likely as a fitting one. A reply that was found
 * as the best of many is less sure than this says, since of many random ones the best scores well. It lies in the
 * student's folder, {@value #FILE}, and is no part of the model: the fingerprint does not depend on it.
 *
 * @param floor    the score at which both are equally likely
 * @param slope    how fast that changes with the score, in logits
 * @param fitting  share of the fitting replies that score the floor or more
 * @param random   share of the random replies that do
 * @param contexts that were looked at
 */
public record ScoreCalibration(double floor, double slope, double fitting, double random, int contexts) {
    /** The name of the file in a student's folder. */
    public static final String FILE = "calibration.json";
    private static final int MOST_BYTES = 1 << 16, STEPS = 100;
    /** Keeps the slope finite where no random reply scores as well as the worst fitting one. */
    private static final double RIDGE = 1e-6;

    /** @throws IllegalArgumentException if a number is not finite, or a higher score would be worse */
    public ScoreCalibration {
        if (!Double.isFinite(floor)) throw new IllegalArgumentException("floor is " + floor);
        if (!(slope > 0) || Double.isInfinite(slope)) throw new IllegalArgumentException("slope is " + slope);
        requireShare("fitting", fitting);
        requireShare("random", random);
        if (contexts < 1) throw new IllegalArgumentException("contexts is " + contexts);
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) throw new IllegalArgumentException(name + " is " + share + ", not 0 to 1");
    }

    /**
     * Fits the curve.
     *
     * @param fitting scores of replies that fit their contexts
     * @param random  scores of replies that were drawn at random for the same contexts
     * @throws BadInput if random replies score as well as those that fit, so that no score tells them apart
     */
    public static ScoreCalibration of(double[] fitting, double[] random, int contexts) {
        if (fitting.length == 0) throw new IllegalArgumentException("fitting is empty");
        if (random.length == 0) throw new IllegalArgumentException("random is empty");
        double mean = (mean(fitting) + mean(random)) / 2;
        double deviation = Math.sqrt((spread(fitting, mean) + spread(random, mean)) / 2);
        double[] line = deviation > 0 ? fitted(fitting, random, mean, deviation) : new double[2];
        if (!(line[1] > 1e-9)) {
            throw BadInput.of("replies that fit score no better than random ones, so no score tells them apart",
                    "train the model, or calibrate it on contexts of its kind");
        }
        double slope = line[1] / deviation, floor = mean - line[0] / slope;
        return new ScoreCalibration(floor, slope, share(fitting, floor), share(random, floor), contexts);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double spread(double[] values, double from) {
        return Arrays.stream(values).map(value -> (value - from) * (value - from)).average().orElseThrow();
    }

    private static double share(double[] scores, double floor) {
        return (double) DoubleStream.of(scores).filter(score -> score >= floor).count() / scores.length;
    }

    /** Newton's method for intercept and slope of the logit, of scores with mean 0 and deviation 1. */
    private static double[] fitted(double[] fitting, double[] random, double mean, double deviation) {
        double intercept = 0, slope = 0;
        for (int step = 0; step < STEPS; step++) {
            double[] sums = {0, -RIDGE * slope, 0, 0, RIDGE}; // gradient (2), then the curvature's 00, 01, 11
            add(sums, fitting, 1, intercept, slope, mean, deviation);
            add(sums, random, 0, intercept, slope, mean, deviation);
            double determinant = sums[2] * sums[4] - sums[3] * sums[3];
            if (!(determinant > 0)) break;
            double up = (sums[4] * sums[0] - sums[3] * sums[1]) / determinant;
            double steeper = (sums[2] * sums[1] - sums[3] * sums[0]) / determinant;
            intercept += up;
            slope += steeper;
            if (Math.abs(up) + Math.abs(steeper) < 1e-10) break;
        }
        return new double[]{intercept, slope};
    }

    private static void add(double[] sums, double[] scores, int label, double intercept, double slope, double mean,
            double deviation) {
        for (double score : scores) {
            double x = (score - mean) / deviation, p = logistic(intercept + slope * x), weight = 1.0 / scores.length;
            sums[0] += weight * (label - p);
            sums[1] += weight * (label - p) * x;
            sums[2] += weight * p * (1 - p);
            sums[3] += weight * p * (1 - p) * x;
            sums[4] += weight * p * (1 - p) * x * x;
        }
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** How likely a reply of this score fits, 0 to 1; 0.5 at the floor. */
    public double confidence(double score) {
        return logistic(slope * (score - floor));
    }

    /**
     * Reads the calibration of a student; empty if it was never calibrated.
     *
     * @param folder the student's
     * @throws BadInput if the file is no calibration
     */
    public static Optional<ScoreCalibration> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) return Optional.empty();
        JsonNode json = JsonFile.read(file, MOST_BYTES);
        try {
            return Optional.of(new ScoreCalibration(number(json, "floor"), number(json, "slope"),
                    number(json, "fitting"), number(json, "random"), json.path("contexts").asInt()));
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, "is no calibration of scores: " + e.getMessage(), "delete it and calibrate again")
                    .causedBy(e);
        }
    }

    private static double number(JsonNode json, String key) {
        if (!json.path(key).isNumber()) throw new IllegalArgumentException("\"" + key + "\" is no number");
        return json.get(key).asDouble();
    }

    /**
     * Writes the calibration into a student's folder.
     *
     * @param data what it was calibrated on, told for provenance
     */
    public void write(Path folder, String data) throws IOException {
        ObjectNode json = new ObjectMapper().createObjectNode().put("floor", rounded(floor))
                .put("slope", rounded(slope)).put("fitting", rounded(fitting)).put("random", rounded(random))
                .put("contexts", contexts).put("data", data);
        AtomicFile.write(folder.resolve(FILE), (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static double rounded(double value) {
        return Math.rint(value * 1e6) / 1e6;
    }
}
