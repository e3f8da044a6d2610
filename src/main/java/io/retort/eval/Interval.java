package io.retort.eval;

/**
 * A 95 % confidence interval, ends included.
 *
 * @param low not above high
 * @param high not below low
 */
public record Interval(double low, double high) {
    /** The confidence level of every interval in this package. */
    public static final double LEVEL = 0.95;

    public Interval {
        if (!(low <= high)) throw new IllegalArgumentException("an interval from " + low + " to " + high);
    }

    /** Whether a value lies in the interval, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /** The part of the interval between two bounds, for quantities that cannot leave them, such as shares. */
    Interval within(double least, double most) {
        return new Interval(Math.clamp(low, least, most), Math.clamp(high, least, most));
    }
}
