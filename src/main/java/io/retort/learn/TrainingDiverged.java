package io.retort.learn;

import java.nio.file.Path;
import java.util.Optional;

/** Ends a run whose loss, gradient or metric is no finite number, before the weights are changed by it. */
public final class TrainingDiverged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private TrainingDiverged(String message) {
        super(message);
    }

    /**
     * @param what       {@code the loss}
     * @param step       from 1
     * @param checkpoint the newest
     */
    static TrainingDiverged at(long step, String what, double value, Optional<Path> checkpoint) {
        return new TrainingDiverged("step " + step + ": " + what + " is " + value + " ("
                + checkpoint.map(file -> "the newest checkpoint is kept: " + file).orElse("there is no checkpoint yet")
                + "); use a lower \"learning-rate\", a longer \"warmup\" or a lower \"clip\", and another \"out\"");
    }
}
