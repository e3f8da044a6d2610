package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.train.TrainingSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a run trains, and what it does in between. */
final class RunLengthOptions {
    private static final double MOST_MINUTES = 100_000;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "1000",
            description = "Steps, at most. Default: ${DEFAULT-VALUE}.")
    long steps;

    @Option(names = "--validate-every", paramLabel = "N", defaultValue = "100",
            description = "Steps between validations. Default: ${DEFAULT-VALUE}.")
    private long validateEvery;

    @Option(names = "--patience", paramLabel = "N", defaultValue = "0",
            description = "Stop early after so many validations without a new best; 0 for never. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int patience;

    @Option(names = "--checkpoint-every", paramLabel = "N", defaultValue = "0",
            description = "Steps between checkpoints; 0 for none by steps. Default: ${DEFAULT-VALUE}.")
    private long checkpointEvery;

    @Option(names = "--checkpoint-minutes", paramLabel = "M", defaultValue = "5",
            description = "Minutes between checkpoints. Default: ${DEFAULT-VALUE}.")
    private double checkpointMinutes;

    @Option(names = "--keep", paramLabel = "N", defaultValue = "2",
            description = "Newest checkpoints that are kept; the best one is besides. Default: ${DEFAULT-VALUE}.")
    private int keep;

    @Option(names = "--report-every", paramLabel = "N", defaultValue = "1",
            description = "Steps between lines of the metrics. Default: ${DEFAULT-VALUE}.")
    private long reportEvery;

    TrainingSettings settings(OptimizerOptions rule) {
        if (!(checkpointMinutes > 0 && checkpointMinutes <= MOST_MINUTES))
            throw BadInput.of("--checkpoint-minutes " + checkpointMinutes, "use more than 0");
        return new TrainingSettings(steps, rule.optimizer(), rule.learningRate, rule.schedule(steps), rule.clip(),
                validateEvery, patience, checkpointEvery, Duration.ofMillis(Math.round(checkpointMinutes * 60_000)),
                keep, reportEvery);
    }
}
