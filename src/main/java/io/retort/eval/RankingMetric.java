package io.retort.eval;

import java.util.List;
import java.util.Optional;

/**
 * A measure of how well a model tells replies that fit from those that do not. Stateless; greater is better for all of
 * them.
 */
public sealed interface RankingMetric permits HitsAt, MeanReciprocalRank, PairsInOrder {
    /** Its name in reports. */
    String key();

    /** What a case adds to it. */
    MetricShare of(ScoredCase scored);

    /** Which way it improves. */
    default Direction direction() {
        return Direction.GREATER_IS_BETTER;
    }

    /** What each case adds to it, leaving out cases to which it does not apply. */
    default List<MetricShare> shares(List<ScoredCase> cases) {
        return cases.stream().map(this::of).filter(share -> share.whole() > 0).toList();
    }

    /**
     * Its value with a confidence interval; empty if it applies to none of the cases. The seed moves a bootstrap, not
     * the value.
     */
    default Optional<Estimate> estimate(List<ScoredCase> cases, long seed) {
        List<MetricShare> shares = shares(cases);
        return shares.isEmpty()
                ? Optional.empty()
                : Optional.of(MetricShare.estimate(shares, seed));
    }
}
