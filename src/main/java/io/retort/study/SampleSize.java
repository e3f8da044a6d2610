package io.retort.study;

import java.util.OptionalLong;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * How many judgements it takes to find a difference that is there as it was measured: in four of five studies
 * (power {@value #POWER}), by a two-sided test at {@value #LEVEL}. The usual approximations by the normal distribution.
 */
public final class SampleSize {
    static final double POWER = 0.8, LEVEL = 0.05;
    private static final double QUANTILE_OF_LEVEL = quantile(1 - LEVEL / 2), QUANTILE_OF_POWER = quantile(POWER);
    private static final long MOST = 1_000_000;

    private SampleSize() {}

    private static double quantile(double probability) {
        return new NormalDistribution().inverseCumulativeProbability(probability);
    }

    /**
     * Decided comparisons until a share of wins is told from one half.
     *
     * @return empty if there is no difference, or it takes more than a million
     */
    public static OptionalLong ofShare(double share) {
        double root = (QUANTILE_OF_LEVEL * 0.5 + QUANTILE_OF_POWER * Math.sqrt(share * (1 - share))) / (share - 0.5);
        return counted(root * root);
    }

    /**
     * Judgements of each of two systems until their means are told apart.
     *
     * @param difference of the means
     * @param variances  of both, added up
     * @return empty if there is no difference, or it takes more than a million
     */
    public static OptionalLong ofMeans(double difference, double variances) {
        double root = (QUANTILE_OF_LEVEL + QUANTILE_OF_POWER) / difference;
        return counted(root * root * variances);
    }

    private static OptionalLong counted(double needed) {
        // A test of very few can never reach the level: of five, even all wins have a p of 1/16.
        return needed <= MOST ? OptionalLong.of(Math.max(6, (long) Math.ceil(needed - 1e-9))) : OptionalLong.empty();
    }
}
