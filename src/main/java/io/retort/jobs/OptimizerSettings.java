package io.retort.jobs;

import io.retort.learn.DecayedWeights;
import io.retort.learn.Optimizer;
import io.retort.learn.Schedule;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.util.Optional;

/**
 * By which rule and at which rate weights change.
 *
 * @param optimizer       the rule
 * @param learningRate    at its highest, more than 0, at most 1
 * @param schedule        of the learning rate
 * @param warmup          steps in which the rate rises from 0, 0 or more
 * @param plateauPatience validations without a better one that a plateau bears, 0 or more
 * @param plateauFactor   what a plateau multiplies the rate by, between 0 and 1
 * @param clip            greatest norm of all gradients as one vector, 0 for any
 * @param weightDecay     0 to 1; if empty 0.01 for AdamW and 0 for the others
 * @param decay           which weights decay
 * @param beta1           decay of the first moment, 0 or more, less than 1
 * @param beta2           decay of the second moment, 0 or more, less than 1
 * @param epsilon         what keeps divisors from 0, between 0 and 1
 */
public record OptimizerSettings(
        @Setting(value = "By which rule weights change.", label = "NAME") Rule optimizer,
        @Setting(value = "The learning rate at its highest.", label = "R") double learningRate,
        @Setting(value = "How the rate falls after the warm-up; linear and cosine reach 0 at the end.",
                label = "NAME") Curve schedule,
        @Setting(value = "Steps in which the rate rises from 0; a tenth of the run, if it has no more.", label = "N") long warmup,
        @Setting(value = "With plateau: validations without a better one that are borne.",
                label = "N") int plateauPatience,
        @Setting(value = "With plateau: what the rate is multiplied by then.", label = "F") double plateauFactor,
        @Setting(value = "Greatest norm of all gradients together; 0 for any.", label = "NORM") double clip,
        @Setting(value = "How fast weights decay: decoupled with adamw, L2 with the others.", label = "D",
                defaultText = "0.01 with adamw, else 0") Optional<Double> weightDecay,
        @Setting(value = "Which weights decay; biases and norms are no matrices.",
                label = "WHICH") DecayedWeights decay,
        @Setting(value = "Decay of the mean of gradients.", label = "B") double beta1,
        @Setting(value = "Decay of the mean of their squares.", label = "B") double beta2,
        @Setting(value = "What keeps divisors from 0.", label = "E") double epsilon) {
    private static final double USUAL_ADAMW_DECAY = 0.01;

    /** The rules by which weights can be changed. */
    public enum Rule {
        /** Adam, whose weight decay is part of the gradient. */
        ADAM,
        /** Adam with decoupled weight decay. */
        ADAMW,
        /** Adamax: Adam with the infinity norm of the gradients in place of their second moment. */
        ADAMAX
    }

    /** The courses that the learning rate can take after the warm-up. */
    public enum Curve {
        /** The rate stays the same. */
        CONSTANT,
        /** The rate falls linearly to 0. */
        LINEAR,
        /** The rate falls along half a cosine to 0. */
        COSINE,
        /** The rate falls with the square root of the steps. */
        INVERSE_SQRT,
        /** The rate falls when validations get no better. */
        PLATEAU
    }

    public OptimizerSettings {
        InvalidSetting.unless(optimizer != null, "optimizer", optimizer, "name a rule");
        InvalidSetting.unless(learningRate > 0 && learningRate <= 1, "learningRate", learningRate,
                "use more than 0, at most 1");
        InvalidSetting.unless(schedule != null, "schedule", schedule, "name a schedule");
        InvalidSetting.unless(warmup >= 0, "warmup", warmup, "use 0 or more");
        InvalidSetting.unless(plateauPatience >= 0, "plateauPatience", plateauPatience, "use 0 or more");
        InvalidSetting.unless(plateauFactor > 0 && plateauFactor < 1, "plateauFactor", plateauFactor,
                "use more than 0, less than 1");
        InvalidSetting.unless(clip >= 0, "clip", clip, "use 0 or more");
        InvalidSetting.unless(weightDecay.stream().allMatch(some -> some >= 0 && some <= 1), "weightDecay",
                weightDecay, "use 0 to 1");
        InvalidSetting.unless(decay != null, "decay", decay, "name what decays");
        InvalidSetting.unless(beta1 >= 0 && beta1 < 1, "beta1", beta1, "use 0 or more, less than 1");
        InvalidSetting.unless(beta2 >= 0 && beta2 < 1, "beta2", beta2, "use 0 or more, less than 1");
        InvalidSetting.unless(epsilon > 0 && epsilon < 1, "epsilon", epsilon, "use more than 0, less than 1");
    }

    /** The usual settings: AdamW at a rate of 5e-5, which falls linearly after a hundred steps of warm-up. */
    public static OptimizerSettings defaults() {
        return new OptimizerSettings(Rule.ADAMW, 5e-5, Curve.LINEAR, 100, 1, 0.5, 1, Optional.empty(),
                DecayedWeights.MATRICES, 0.9, 0.999, 1e-8);
    }

    /** A copy of these settings with another rule. */
    public OptimizerSettings withOptimizer(Rule optimizer) {
        return new OptimizerSettings(optimizer, learningRate, schedule, warmup, plateauPatience, plateauFactor, clip,
                weightDecay, decay, beta1, beta2, epsilon);
    }

    /** A copy of these settings with another learning rate. */
    public OptimizerSettings withLearningRate(double learningRate) {
        return new OptimizerSettings(optimizer, learningRate, schedule, warmup, plateauPatience, plateauFactor, clip,
                weightDecay, decay, beta1, beta2, epsilon);
    }

    /** A copy of these settings with another schedule and another number of warm-up steps. */
    public OptimizerSettings withSchedule(Curve schedule, long warmup) {
        return new OptimizerSettings(optimizer, learningRate, schedule, warmup, plateauPatience, plateauFactor, clip,
                weightDecay, decay, beta1, beta2, epsilon);
    }

    Optimizer rule() {
        double usual = optimizer == Rule.ADAMW ? USUAL_ADAMW_DECAY : 0;
        Optimizer.Hyperparameters numbers = new Optimizer.Hyperparameters(beta1, beta2, epsilon,
                weightDecay.orElse(usual), decay);
        return switch (optimizer) {
            case ADAM -> new Optimizer.Adam(numbers);
            case ADAMW -> new Optimizer.AdamW(numbers);
            case ADAMAX -> new Optimizer.Adamax(numbers);
        };
    }

    /** Steps of warm-up in a run: as many as the settings say, or a tenth of a run that has no more steps than that. */
    long warmupIn(long steps) {
        return warmup < steps ? warmup : steps / 10;
    }

    /**
     * The schedule that the training loop uses in a run of {@code steps} steps.
     *
     * @param steps of the whole run
     */
    Schedule curve(long steps) {
        long warmup = warmupIn(steps);
        return switch (schedule) {
            case CONSTANT -> new Schedule.Constant(warmup);
            case LINEAR -> new Schedule.Linear(warmup, steps);
            case COSINE -> new Schedule.Cosine(warmup, steps);
            case INVERSE_SQRT -> new Schedule.InverseSquareRoot(warmup);
            case PLATEAU -> new Schedule.ReduceOnPlateau(warmup, plateauPatience, plateauFactor);
        };
    }
}
