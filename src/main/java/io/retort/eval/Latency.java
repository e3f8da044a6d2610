package io.retort.eval;

import java.util.Arrays;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * Time a model takes for a reply, in nanoseconds, one context at a time (section 4 of the paper). The intervals of p50
 * and p99 are those of order statistics: they assume nothing of how times are spread. Smaller is better.
 *
 * @param n number of times
 * @param p50 median
 * @param p99 99th percentile; with fewer than some 370 times its interval ends at the slowest
 * @param mean with Student's interval
 */
public record Latency(int n, Estimate p50, Estimate p99, Estimate mean) {
    /** Answers that the paper gives before it begins to measure, so that caches and compilers have settled. */
    public static final int WARM_UPS = 3;

    /**
     * Summarises times given in the order in which they were taken.
     *
     * @param nanoseconds all times, those of the warm-ups first
     * @param warmUps how many to leave out at the start; at least one time must remain
     */
    public static Latency of(long[] nanoseconds, int warmUps) {
        if (warmUps < 0 || nanoseconds.length <= warmUps) {
            throw new IllegalArgumentException(nanoseconds.length + " times with " + warmUps + " warm-ups");
        }
        double[] times = Arrays.stream(nanoseconds).skip(warmUps).asDoubleStream().sorted().toArray();
        return new Latency(times.length, quantile(times, 0.5), quantile(times, 0.99), Mean.of(times));
    }

    /** The least time that at least a share q of times do not exceed. */
    private static Estimate quantile(double[] sorted, double q) {
        int n = sorted.length;
        // The number of times below the true quantile is binomial: ranks that hold it in the middle 95 % of cases.
        BinomialDistribution below = new BinomialDistribution(null, n, q);
        double tail = (1 - Interval.LEVEL) / 2;
        int low = below.inverseCumulativeProbability(tail);
        int high = below.inverseCumulativeProbability(1 - tail) + 1;
        int place = (int) Math.ceil(q * n);
        return new Estimate(at(sorted, place), new Interval(at(sorted, low), at(sorted, high)));
    }

    private static double at(double[] sorted, int rank) {
        return sorted[Math.clamp(rank, 1, sorted.length) - 1];
    }
}
