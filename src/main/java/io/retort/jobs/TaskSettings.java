package io.retort.jobs;

import io.retort.settings.InvalidSetting;

/** Settings of a training run, whatever is trained. */
public sealed interface TaskSettings permits TrainSettings, TuneSettings {
    /** What can be trained. */
    enum Task {
        /** A student, which finds replies. */
        RETRIEVAL,
        /** A language model, which writes and judges them. */
        GENERATOR
    }

    /** What is trained. */
    Task task();

    /** How long the run goes on, and what it does in between. */
    LoopSettings loop();

    /** By which rule and at which rate weights change. */
    OptimizerSettings optimizer();

    /**
     * Refuses what asks for validations where there are none.
     *
     * @param hasTests whether there is something to validate on
     */
    static void requireValidations(boolean hasTests, LoopSettings loop, OptimizerSettings optimizer) {
        if (hasTests && loop.validateEvery() > 0) return;
        String remedy = "name files by \"validate-on\", and set \"validate-every\" to 1 or more";
        if (optimizer.schedule() == OptimizerSettings.Curve.PLATEAU) {
            throw new InvalidSetting("schedule", optimizer.schedule(), "which needs validations", remedy);
        }
        if (loop.patience() > 0) {
            throw new InvalidSetting("patience", loop.patience(), "which needs validations", remedy);
        }
    }
}
