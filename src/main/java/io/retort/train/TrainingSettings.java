package io.retort.train;

import io.retort.files.BadInput;
import java.time.Duration;

/**
 * How a run trains.
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
        require(steps >= 1, "steps", steps, "1 or more");
        require(learningRate > 0 && learningRate <= 1, "learning-rate", learningRate, "more than 0, at most 1");
        require(clip > 0, "clip", clip, "more than 0");
        require(validateEvery >= 0, "validate-every", validateEvery, "0 or more");
        require(patience >= 0, "patience", patience, "0 or more");
        require(checkpointEvery >= 0, "checkpoint-every", checkpointEvery, "0 or more");
        require(reportEvery >= 1, "report-every", reportEvery, "1 or more");
        require(keep >= 1, "keep", keep, "1 or more");
    }

    private static void require(boolean holds, String name, Object value, String remedy) {
        if (!holds) throw BadInput.of("--" + name + " " + value, "use " + remedy);
    }

    /**
     * What gradients are multiplied by so that their norm is at most {@code clip}; as PyTorch's {@code
     * clip_grad_norm_}.
     */
    static double gradientScale(double clip, double norm) {
        return Math.min(1, clip / (norm + 1e-6));
    }
}
