package io.retort.eval;

import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/**
 * How many of some independent trials had a property, and what that says of its probability.
 *
 * @param part  trials that had it, 0 to {@code whole}
 * @param whole all trials, at least 1
 */
public record Share(int part, int whole) {
    public Share {
        if (whole < 1 || part < 0 || part > whole) throw new IllegalArgumentException(part + " of " + whole);
    }

    /** The share of the trials that succeeded, from 0 to 1. */
    public double value() {
        return (double) part / whole;
    }

    /** Wilson's score interval, which holds its level on the average, also near 0 and 1. */
    public Interval wilson() {
        ConfidenceInterval wilson = new WilsonScoreInterval().createInterval(whole, part, Interval.LEVEL);
        // At shares of 0 and 1 the formula misses the interval's ends by a rounding error.
        return new Interval(Math.min(value(), wilson.getLowerBound()), Math.max(value(), wilson.getUpperBound()))
                .within(0, 1);
    }

    /**
     * The exact interval of Clopper and Pearson, which never holds less than its level. Commons Math's own fails where
     * all trials or none had the property.
     */
    public Interval exact() {
        double tail = (1 - Interval.LEVEL) / 2;
        double low = part == 0
                ? 0
                : new BetaDistribution(part, whole - part + 1.0).inverseCumulativeProbability(tail);
        double high = part == whole
                ? 1
                : new BetaDistribution(part + 1.0, whole - part).inverseCumulativeProbability(1 - tail);
        return new Interval(Math.min(low, value()), Math.max(high, value()));
    }

    /**
     * The exact two-sided p of the binomial test that the probability is one half: twice the smaller tail. Commons Math's
     * own test compares probabilities that are equal but for rounding, and tells 3 of 4 from 1 of 4.
     */
    public double pOfHalf() {
        return Math.min(1, 2 * new BinomialDistribution(null, whole, 0.5).cumulativeProbability(
                Math.min(part, whole - part)));
    }
}
