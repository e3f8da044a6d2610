package io.retort.eval;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * The percentile bootstrap over contexts (Efron): contexts are drawn with replacement as often as there are, the
 * statistic is taken again, and the middle 95 % of {@value #RESAMPLES} such values are the interval. Whole contexts are
 * drawn, since pairs of one context hang together. Equal seed, equal interval.
 */
final class Bootstrap {
    static final int RESAMPLES = 2000;

    private Bootstrap() {}

    static Interval interval(List<MetricShare> shares, long seed) {
        double[] parts = shares.stream().mapToDouble(MetricShare::part).toArray();
        double[] wholes = shares.stream().mapToDouble(MetricShare::whole).toArray();
        return middle(ratios(i -> parts[i], i -> wholes[i], parts.length, seed));
    }

    /** Values of Σ part / Σ whole on resamples of n cases, in ascending order. */
    static double[] ratios(IntToDoubleFunction part, IntToDoubleFunction whole, int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[RESAMPLES];
        for (int resample = 0; resample < RESAMPLES; resample++) {
            double parts = 0;
            double wholes = 0;
            for (int draw = 0; draw < n; draw++) {
                int i = random.nextInt(n);
                parts += part.applyAsDouble(i);
                wholes += whole.applyAsDouble(i);
            }
            values[resample] = parts / wholes;
        }
        Arrays.sort(values);
        return values;
    }

    static Interval middle(double[] values) {
        Percentile percentile = new Percentile();
        percentile.setData(values);
        double tail = 100 * (1 - Interval.LEVEL) / 2;
        return new Interval(percentile.evaluate(tail), percentile.evaluate(100 - tail));
    }
}
