package io.retort.learn;

import io.retort.settings.InvalidSetting;
import java.time.Duration;

/**
 * The settings of the training loop, which are the same whatever model is trained.
 *
 * @param steps           at most
 * @param optimizer       the rule
 * @param learningRate    at its highest
 * @param schedule        of the learning rate
 * @param clip            the greatest norm of all gradients as one vector; infinite for no clipping
 * @param validateEvery   steps between validations, 0 for none; with them comes one before the first step and one after
 *                        the last
 * @param patience        validations in a row without a new best after which training stops early, 0 for never
 * @param checkpointEvery steps between checkpoints, 0 for none by steps
 * @param checkpointAfter time between checkpoints
 * @param keep            newest checkpoints that are kept, 1 or more; the best one is kept besides
 * @param reportEvery     steps between lines of the metrics, 1 or more
 */
public record TrainingSettings(long steps, Optimizer optimizer, double learningRate, Schedule schedule, double clip,
        long validateEvery, int patience, long checkpointEvery, Duration checkpointAfter, int keep,
        long reportEvery) {
    public TrainingSettings {
        InvalidSetting.unless(steps >= 1, "steps", steps, "use 1 or more");
        InvalidSetting.unless(learningRate > 0 && learningRate <= 1, "learningRate", learningRate,
                "use more than 0, at most 1");
        InvalidSetting.unless(clip > 0, "clip", clip, "use more than 0");
        InvalidSetting.unless(validateEvery >= 0, "validateEvery", validateEvery, "use 0 or more");
        InvalidSetting.unless(patience >= 0, "patience", patience, "use 0 or more");
        InvalidSetting.unless(checkpointEvery >= 0, "checkpointEvery", checkpointEvery, "use 0 or more");
        InvalidSetting.unless(reportEvery >= 1, "reportEvery", reportEvery, "use 1 or more");
        InvalidSetting.unless(keep >= 1, "keep", keep, "use 1 or more");
    }

    /**
     * What gradients are multiplied by so that their norm is at most {@code clip}; as PyTorch's {@code
     * clip_grad_norm_}.
     */
    static double gradientScale(double clip, double norm) {
        return Math.min(1, clip / (norm + 1e-6));
    }
}
