package io.retort.eval;

import java.util.List;
import java.util.Optional;

/**
 * hits@k: share of contexts whose best positive reply is among the first k when ranked with the negatives; ties lose.
 * The interval is Wilson's score interval, which holds its level also near 0 and 1.
 *
 * @param k at least 1
 */
public record HitsAt(int k) implements RankingMetric {
    public HitsAt {
        if (k < 1) throw new IllegalArgumentException("hits@" + k);
    }

    @Override
    public String key() {
        return "hits@" + k;
    }

    @Override
    public MetricShare of(ScoredCase scored) {
        return new MetricShare(scored.rank() <= k ? 1 : 0, 1);
    }

    @Override
    public Optional<Estimate> estimate(List<ScoredCase> cases, long seed) {
        if (cases.isEmpty()) return Optional.empty();
        int hits = (int) cases.stream().filter(scored -> scored.rank() <= k).count();
        return Optional.of(new Estimate((double) hits / cases.size(), wilson(cases.size(), hits)));
    }

    static Interval wilson(int trials, int successes) {
        return new Share(successes, trials).wilson();
    }
}
