package io.retort.eval;

import java.util.List;

/**
 * A measured value and what chance leaves open.
 *
 * @param value the value on the sample
 * @param interval where the value of the population lies, at 95 %
 */
public record Estimate(double value, Interval interval) {
    /**
     * The metric's value on a sample, with the bootstrap's interval.
     *
     * @param shares one or more
     * @param seed of the bootstrap
     */
    public static Estimate ofShares(List<MetricShare> shares, long seed) {
        return new Estimate(MetricShare.total(shares), Bootstrap.interval(shares, seed).within(0, 1));
    }

    /** The mean of one or more values, with Student's interval. */
    public static Estimate ofMean(double[] values) {
        return Mean.of(values);
    }
}
