package io.retort.train;

/**
 * A step as listeners are told of it.
 *
 * @param number       steps taken, this one included
 * @param work         what the task did
 * @param learningRate of the step
 * @param gradientNorm before clipping
 * @param seconds      that it took, the optimiser's work included
 */
public record StepReport(long number, TrainingTask.Step work, double learningRate, double gradientNorm,
        double seconds) {
}
