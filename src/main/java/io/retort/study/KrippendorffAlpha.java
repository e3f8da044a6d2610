package io.retort.study;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Krippendorff's alpha: 1 if judges agree, 0 if they agree no more than by chance. Any number of judges, any of whom may
 * have left out items ("Computing Krippendorff's Alpha-Reliability", 2011).
 */
public final class KrippendorffAlpha {
    private KrippendorffAlpha() {}

    /** What is known of how values differ. */
    public enum Level {
        /** They are the same or not. */
        NOMINAL,
        /** They have an order. */
        ORDINAL,
        /** They have distances. */
        INTERVAL
    }

    /**
     * The alpha of judgements.
     *
     * @param items  for each item the values that judges gave it, as numbers from 0 on in their order; those of fewer
     *               than two judges tell nothing
     * @param values number of different values that there may be
     * @return empty if no two judges judged the same item, or all values are the same
     */
    public static OptionalDouble of(List<List<Integer>> items, int values, Level level) {
        double[][] coincidences = new double[values][values];
        for (List<Integer> item : items) {
            if (item.size() < 2) continue;
            for (int i = 0; i < item.size(); i++) {
                for (int j = 0; j < item.size(); j++) {
                    if (i != j) coincidences[item.get(i)][item.get(j)] += 1.0 / (item.size() - 1);
                }
            }
        }
        double[] totals = new double[values];
        double all = 0;
        for (int c = 0; c < values; c++) {
            for (int k = 0; k < values; k++) totals[c] += coincidences[c][k];
            all += totals[c];
        }
        double observed = 0, expected = 0;
        for (int c = 0; c < values; c++) {
            for (int k = c + 1; k < values; k++) {
                double difference = difference(totals, c, k, level);
                observed += coincidences[c][k] * difference;
                expected += totals[c] * totals[k] * difference;
            }
        }
        return expected == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - (all - 1) * observed / expected);
    }

    /** The squared difference of two values, the first less than the second. */
    private static double difference(double[] totals, int c, int k, Level level) {
        return switch (level) {
            case NOMINAL -> 1;
            case INTERVAL -> (double) (k - c) * (k - c);
            case ORDINAL -> {
                double between = -(totals[c] + totals[k]) / 2;
                for (int g = c; g <= k; g++) between += totals[g];
                yield between * between;
            }
        };
    }
}
