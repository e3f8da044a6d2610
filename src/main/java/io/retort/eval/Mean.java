package io.retort.eval;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;

/**
 * The mean of a sample with Student's interval; of a single value nothing more is known, and the interval is that
 * value.
 */
final class Mean {
    private Mean() {}

    static Estimate of(double[] sample) {
        if (sample.length == 0) throw new IllegalArgumentException("a mean of nothing");
        SummaryStatistics summary = new SummaryStatistics();
        for (double value : sample) summary.addValue(value);
        double mean = summary.getMean();
        double margin = sample.length == 1 ? 0 : margin(summary);
        return new Estimate(mean, new Interval(mean - margin, mean + margin));
    }

    private static double margin(SummaryStatistics summary) {
        double t = new TDistribution(summary.getN() - 1.0).inverseCumulativeProbability(0.5 + Interval.LEVEL / 2);
        return t * summary.getStandardDeviation() / Math.sqrt(summary.getN());
    }
}
