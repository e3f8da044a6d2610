package io.retort.learn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a {@link TrainingListener} is told of one training step.
 *
 * @param number       steps taken, this one included
 * @param losses       by name, the one that is minimised first: {@code loss}, then its parts
 * @param examples     in the batch
 * @param tokens       computed, padding left out
 * @param flop         floating-point operations that the batch takes at least, forward and backward; 0 if nobody knows
 * @param learningRate of the step
 * @param gradientNorm before clipping
 * @param seconds      that it took, the optimiser's work included
 */
public record StepReport(long number, SequencedMap<String, Double> losses, long examples, long tokens, double flop,
        double learningRate, double gradientNorm, double seconds) {
    public StepReport {
        losses = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(losses));
    }

    /**
     * Makes the report on a step from what the task did and what the loop knows.
     *
     * @param work what the task did
     */
    static StepReport of(long number, TrainingTask.Step work, double learningRate, double gradientNorm,
            double seconds) {
        return new StepReport(number, work.losses(), work.examples(), work.tokens(), work.flop(), learningRate,
                gradientNorm, seconds);
    }

    /** The value of the loss that training minimises. */
    public double loss() {
        return losses.firstEntry().getValue();
    }
}
