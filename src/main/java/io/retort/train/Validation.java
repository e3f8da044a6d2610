package io.retort.train;

import java.util.SequencedMap;

/**
 * What a validation measured.
 *
 * @param step    steps taken before it
 * @param metrics by name, one or more; the first tells the best
 */
public record Validation(long step, SequencedMap<String, Double> metrics) {
    /** What tells the best. */
    public double metric() {
        return metrics.firstEntry().getValue();
    }
}
