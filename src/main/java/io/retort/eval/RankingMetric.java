package io.retort.eval;

import java.util.List;
import java.util.Optional;

/**
 * A measure of how well a model tells replies that fit from those that do not. Stateless; greater is better for all of
 * them.
 */
public sealed interface RankingMetric permits HitsAt, MeanReciprocalRank, PairsInOrder {
    /** The metric's key in reports. */
    String key();

    /** What one scored case adds to the metric. */
    MetricShare of(ScoredCase scored);

    /** Which way the metric improves: upwards. */
    default Direction direction() {
        return Direction.GREATER_IS_BETTER;
    }

    /** What each case adds to the metric, leaving out cases to which the metric does not apply. */
    default List<MetricShare> shares(List<ScoredCase> cases) {
        return cases.stream().map(this::of).filter(share -> share.whole() > 0).toList();
    }

    /**
     * The metric's value with a confidence interval; empty if it applies to none of the cases. The seed moves a
     * bootstrap, not the value.
     */
    default Optional<Estimate> estimate(List<ScoredCase> cases, long seed) {
        List<MetricShare> shares = shares(cases);
        return shares.isEmpty()
                ? Optional.empty()
                : Optional.of(MetricShare.estimate(shares, seed));
    }
}
