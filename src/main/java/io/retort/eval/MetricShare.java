package io.retort.eval;

import java.util.List;

/**
 * What one case adds to a metric: the metric of a sample is the sum of parts over the sum of wholes.
 *
 * @param part what was achieved; of a ranking metric between 0 and whole
 * @param whole what could have been; 0 if the metric does not apply to the case
 */
public record MetricShare(double part, double whole) {
    /** The metric's value on this case alone, part over whole; NaN if the metric does not apply. */
    public double value() {
        return part / whole;
    }

    /** The metric's value on a sample; NaN if it applies to no case. */
    static double total(List<MetricShare> shares) {
        double part = 0;
        double whole = 0;
        for (MetricShare share : shares) {
            part += share.part;
            whole += share.whole;
        }
        return part / whole;
    }

    /**
     * The metric's value on a sample, with the bootstrap's interval.
     *
     * @param shares one or more
     * @param seed   moves the bootstrap's draws, and so only the interval
     */
    public static Estimate estimate(List<MetricShare> shares, long seed) {
        return new Estimate(total(shares), Bootstrap.interval(shares, seed).within(0, 1));
    }
}
