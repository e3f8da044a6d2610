package io.retort.jobs;

import io.retort.learn.TrainingSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a training run goes on, and what it does in between.
 *
 * @param steps             taken at most, 1 or more
 * @param validateEvery     steps between validations, 0 for none
 * @param patience          validations in a row without a new best that end the run, 0 for never
 * @param checkpointEvery   steps between checkpoints, 0 for none by steps
 * @param checkpointMinutes minutes between checkpoints, more than 0
 * @param keep              newest checkpoints that are kept, 1 or more
 * @param reportEvery       steps between lines of the metrics, 1 or more
 */
public record LoopSettings(
        @Setting(value = "Steps, at most.", label = "N") long steps,
        @Setting(value = "Steps between validations.", label = "N") long validateEvery,
        @Setting(value = "Stop early after so many validations without a new best; 0 for never.",
                label = "N") int patience,
        @Setting(value = "Steps between checkpoints; 0 for none by steps.", label = "N",
                decides = false) long checkpointEvery,
        @Setting(value = "Minutes between checkpoints.", label = "M", decides = false) double checkpointMinutes,
        @Setting(value = "Newest checkpoints that are kept; the best one is besides.", label = "N",
                decides = false) int keep,
        @Setting(value = "Steps between lines of the metrics.", label = "N", decides = false) long reportEvery) {
    private static final double MOST_MINUTES = 100_000;

    public LoopSettings {
        InvalidSetting.unless(steps >= 1, "steps", steps, "use 1 or more");
        InvalidSetting.unless(validateEvery >= 0, "validateEvery", validateEvery, "use 0 or more");
        InvalidSetting.unless(patience >= 0, "patience", patience, "use 0 or more");
        InvalidSetting.unless(checkpointEvery >= 0, "checkpointEvery", checkpointEvery, "use 0 or more");
        InvalidSetting.unless(checkpointMinutes > 0 && checkpointMinutes <= MOST_MINUTES, "checkpointMinutes",
                checkpointMinutes, "use more than 0, at most 100,000");
        InvalidSetting.unless(keep >= 1, "keep", keep, "use 1 or more");
        InvalidSetting.unless(reportEvery >= 1, "reportEvery", reportEvery, "use 1 or more");
    }

    /** The usual settings: a thousand steps with a validation every hundred. */
    public static LoopSettings defaults() {
        return new LoopSettings(1000, 100, 0, 0, 5, 2, 1);
    }

    /** A copy of these settings with another number of steps. */
    public LoopSettings withSteps(long steps) {
        return new LoopSettings(steps, validateEvery, patience, checkpointEvery, checkpointMinutes, keep, reportEvery);
    }

    /** A copy of these settings with another number of steps between validations; 0 for no validation. */
    public LoopSettings withValidateEvery(long validateEvery) {
        return new LoopSettings(steps, validateEvery, patience, checkpointEvery, checkpointMinutes, keep, reportEvery);
    }

    /** A copy of these settings with another number of steps between checkpoints; 0 for none by steps. */
    public LoopSettings withCheckpointEvery(long checkpointEvery) {
        return new LoopSettings(steps, validateEvery, patience, checkpointEvery, checkpointMinutes, keep, reportEvery);
    }

    /**
     * A copy of these settings that stops early after another number of validations without a new best; 0 for never.
     */
    public LoopSettings withPatience(int patience) {
        return new LoopSettings(steps, validateEvery, patience, checkpointEvery, checkpointMinutes, keep, reportEvery);
    }

    /**
     * Refuses what asks for validations where there are none.
     *
     * @param hasTests whether there is something to validate on
     */
    void requireValidations(boolean hasTests, OptimizerSettings optimizer) {
        if (hasTests && validateEvery > 0) return;
        String remedy = "name files by \"validate-on\", and set \"validate-every\" to 1 or more";
        if (optimizer.schedule() == OptimizerSettings.Curve.PLATEAU) {
            throw new InvalidSetting("schedule", optimizer.schedule(), "which needs validations", remedy);
        }
        if (patience > 0) throw new InvalidSetting("patience", patience, "which needs validations", remedy);
    }

    /** What a run that is shorter than its warm-up changes, in a sentence. */
    Optional<String> note(OptimizerSettings optimizer) {
        long warmup = optimizer.warmupIn(steps);
        return warmup == optimizer.warmup()
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "the warm-up takes %,d steps instead of %,d: the run has %,d",
                        warmup, optimizer.warmup(), steps));
    }

    /** Joins these settings with those of the optimiser to what the training loop takes. */
    TrainingSettings with(OptimizerSettings optimizer) {
        return new TrainingSettings(steps, optimizer.rule(), optimizer.learningRate(), optimizer.curve(steps),
                optimizer.clip() == 0 ? Double.POSITIVE_INFINITY : optimizer.clip(), validateEvery, patience,
                checkpointEvery, Duration.ofMillis(Math.round(checkpointMinutes * 60_000)), keep, reportEvery);
    }
}
