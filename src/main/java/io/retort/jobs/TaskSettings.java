package io.retort.jobs;

import io.retort.learn.WeightedFile;
import io.retort.settings.InvalidSetting;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

    /** Refuses data in which a file is named twice. */
    static void requireDifferent(List<WeightedFile> files) {
        Set<Path> seen = new HashSet<>();
        for (WeightedFile file : files) {
            if (seen.add(file.file())) continue;
            throw new InvalidSetting("data", file.file(), "which is named twice", "write FILE@2 for twice as much");
        }
    }
}
