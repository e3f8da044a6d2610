package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The distribution that is drawn from is the one that transformers' warpers leave. */
class SamplerTest {
    private static final int VOCABULARY = 203;
    private static final int GRID = 4000;

    @Property(tries = 60, seed = "20210825")
    void drawsFollowTheWarpedDistribution(@ForAll long seed,
            @ForAll @DoubleRange(min = 0.3, max = 3) double temperature,
            @ForAll @IntRange(max = 250) int topK, @ForAll @DoubleRange(min = 0.05, max = 1) double topP) {
        float[] logits = logits(seed);
        double[] expected = warped(logits, temperature, topK, topP);
        double[] found = new double[VOCABULARY];
        try (RowFunctions functions = new RowFunctions(VOCABULARY)) {
            Sampler sampler = new Sampler(functions);
            Decoding.Sampling settings = new Decoding.Sampling(temperature, topK, topP, 0);
            // Draws on a grid find each token as often as its probability says, but for the ends of its range.
            for (int i = 0; i < GRID; i++) {
                found[sampler.choose(settings, logits.clone(), (i + 0.5) / GRID)] += 1.0 / GRID;
            }
        }
        for (int id = 0; id < VOCABULARY; id++) assertEquals(expected[id], found[id], 1.01 / GRID, "token " + id);
    }

    /** Some equal, some forbidden. */
    private static float[] logits(long seed) {
        Random random = new Random(seed);
        float[] logits = new float[VOCABULARY];
        for (int id = 0; id < VOCABULARY; id++) {
            logits[id] = random.nextInt(9) == 0 ? Float.NEGATIVE_INFINITY : Math.round(random.nextGaussian() * 8) / 4f;
        }
        logits[random.nextInt(VOCABULARY)] = 1;
        return logits;
    }

    /** As transformers computes it: temperature, top-k, top-p, softmax. */
    private static double[] warped(float[] logits, double temperature, int topK, double topP) {
        double[] scores = IntStream.range(0, VOCABULARY).mapToDouble(id -> logits[id] / temperature).toArray();
        if (topK > 0) {
            double[] sorted = scores.clone();
            Arrays.sort(sorted);
            double bar = sorted[VOCABULARY - Math.min(topK, VOCABULARY)];
            for (int id = 0; id < VOCABULARY; id++) if (scores[id] < bar) scores[id] = Double.NEGATIVE_INFINITY;
        }
        double[] probabilities = softmax(scores);
        if (topP < 1) {
            List<Integer> order = new ArrayList<>(IntStream.range(0, VOCABULARY).boxed().toList());
            order.sort(Comparator.comparingDouble((Integer id) -> probabilities[id]).thenComparing(id -> -id));
            double below = 0;
            for (int id : order.subList(0, VOCABULARY - 1)) {
                below += probabilities[id];
                if (below <= 1 - topP) scores[id] = Double.NEGATIVE_INFINITY;
            }
        }
        return softmax(scores);
    }

    private static double[] softmax(double[] scores) {
        double max = Arrays.stream(scores).max().orElseThrow();
        double sum = Arrays.stream(scores).map(score -> Math.exp(score - max)).sum();
        return Arrays.stream(scores).map(score -> Math.exp(score - max) / sum).toArray();
    }

    @Test
    void whereNothingMayBeChosenNothingIs() {
        float[] none = new float[50];
        Arrays.fill(none, Float.NEGATIVE_INFINITY);
        try (RowFunctions functions = new RowFunctions(none.length)) {
            Sampler sampler = new Sampler(functions);
            for (int topK : new int[]{0, 5}) {
                Decoding.Sampling settings = new Decoding.Sampling(1, topK, 0.9, 0);
                assertEquals(TokenChooser.NONE, sampler.choose(settings, none.clone(), 0.5));
            }
        }
        assertEquals(TokenChooser.NONE, new GreedyChooser().choose(none, 0));
    }

    @Property(tries = 200)
    void greedyTakesTheFirstOfTheGreatest(@ForAll long seed) {
        float[] logits = logits(seed);
        int best = 0;
        for (int id = 1; id < VOCABULARY; id++) if (logits[id] > logits[best]) best = id;
        assertEquals(best, new GreedyChooser().choose(logits, 0));
    }

    @Test
    void drawsAreUniformAndTheirOwn() {
        int[] counts = new int[20];
        for (int sample = 0; sample < 100; sample++) {
            Draws draws = Draws.of(1, "context", sample);
            for (int t = 0; t < 200; t++) counts[(int) (20 * draws.at(t))]++;
        }
        // 1000 are expected in each of 20 cells; the 0.001 quantile of chi squared with 19 degrees is 43.8.
        double chiSquared = Arrays.stream(counts).mapToDouble(n -> (n - 1000.0) * (n - 1000) / 1000).sum();
        assertTrue(chiSquared < 43.8, Arrays.toString(counts));
        assertEquals(4, IntStream.of(0, 1, 2, 3)
                .mapToObj(i -> Draws.of(i & 1, i < 2 ? "a" : "b", 0).at(0)).distinct().count());
    }
}
