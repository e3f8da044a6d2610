package io.retort.eval;

/**
 * A measured value and what chance leaves open.
 *
 * @param value the value on the sample
 * @param interval where the value of the population lies, at 95 %
 */
public record Estimate(double value, Interval interval) {
    /** The mean of one or more values, with Student's interval. */
    public static Estimate ofMean(double[] values) {
        return Mean.of(values);
    }
}
