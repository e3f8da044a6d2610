package io.retort.eval;

/**
 * Share of (positive, negative) pairs of a context in which the positive scores above the negative; ties lose. Every
 * pair of every context counts alike.
 *
 * @param against which negatives
 */
public record PairsInOrder(Negatives against) implements RankingMetric {
    /** A kind of negative replies. */
    public enum Negatives { ADVERSARIAL, RANDOM }

    @Override
    public String key() {
        return switch (against) {
            case ADVERSARIAL -> "pos>adversarial";
            case RANDOM -> "pos>random";
        };
    }

    @Override
    public MetricShare of(ScoredCase scored) {
        double[] negatives = switch (against) {
            case ADVERSARIAL -> scored.adversarial();
            case RANDOM -> scored.random();
        };
        long right = 0;
        for (double positive : scored.positive()) {
            for (double negative : negatives) if (positive > negative) right++;
        }
        return new MetricShare(right, (double) scored.positive().length * negatives.length);
    }
}
