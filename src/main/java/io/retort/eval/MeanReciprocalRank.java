package io.retort.eval;

/** MRR: mean over contexts of 1 / rank of the best positive reply among the negatives; ties lose. */
public record MeanReciprocalRank() implements RankingMetric {
    @Override
    public String key() {
        return "mrr";
    }

    @Override
    public MetricShare of(ScoredCase scored) {
        return new MetricShare(1.0 / scored.rank(), 1);
    }
}
