package io.retort.learn;

import java.io.IOException;
import java.nio.file.Path;

/** Is told what a training run does, on the thread that trains, so it should be quick. An exception ends the run. */
public interface TrainingListener extends AutoCloseable {
    /**
     * Called before the first step of this session.
     *
     * @param steps   taken in earlier sessions; whatever a listener was told of later ones is void
     * @param resumed whether there were any; if not, all it was told is void
     */
    default void started(long steps, boolean resumed) throws IOException {
    }

    default void stepped(StepReport report) throws IOException {
    }

    /**
     * @param best whether it is the best so far
     */
    default void validated(Validation validation, boolean best) throws IOException {
    }

    /** Called after a checkpoint was written. */
    default void kept(long steps, Path checkpoint) throws IOException {
    }

    /** Called before the first step with a sentence for people about what is odd in the data, though no mistake. */
    default void noted(String note) throws IOException {
    }

    @Override
    default void close() throws IOException {
    }
}
