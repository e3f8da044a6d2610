package io.retort.eval;

/**
 * A 95 % confidence interval, ends included.
 *
 * @param low not above high
 * @param high not below low
 */
public record Interval(double low, double high) {
    /** Level of every interval in this room. */
    public static final double LEVEL = 0.95;

    public Interval {
        if (!(low <= high)) throw new IllegalArgumentException("an interval from " + low + " to " + high);
    }

    /** Whether a value lies in it. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /** The part of it that lies between two bounds, for quantities that cannot leave them. */
    Interval within(double least, double most) {
        return new Interval(Math.clamp(low, least, most), Math.clamp(high, least, most));
    }
}
