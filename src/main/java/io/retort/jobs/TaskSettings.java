package io.retort.jobs;

/** The settings of a training run, whichever kind of model is trained. */
public sealed interface TaskSettings permits TrainSettings, TuneSettings {
    /** The kinds of model that can be trained. */
    enum Task {
        /** A retrieval student, which finds replies. */
        RETRIEVAL,
        /** A language model, which writes and judges them. */
        GENERATOR
    }

    /** The kind of model that these settings train. */
    Task task();

    /** How long the run goes on, and what it does in between. */
    LoopSettings loop();

    /** By which rule and at which rate weights change. */
    OptimizerSettings optimizer();
}
