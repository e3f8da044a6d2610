package io.retort.jobs;

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
}
