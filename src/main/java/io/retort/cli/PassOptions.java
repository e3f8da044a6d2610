package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.model.ModelConfig;
import io.retort.model.TrainableStudent;
import io.retort.train.RetrievalSettings;
import picocli.CommandLine.Option;

/** How the texts of a batch are computed. */
final class PassOptions {
    @Option(names = "--scale", paramLabel = "S",
            description = "Factor of the scores. Default: 20 for cosines, 1 for dot products.")
    private Double scale;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0",
            description = "Probability. Default: ${DEFAULT-VALUE}.")
    private double dropout;

    @Option(names = "--tokens-at-once", paramLabel = "N", defaultValue = "4096",
            description = "Most tokens of a pass: a batch is computed in as many passes as it takes, its loss and "
                    + "gradients being those of the whole. Default: ${DEFAULT-VALUE}.")
    private int tokensAtOnce;

    @Option(names = "--tokens-held", paramLabel = "N", defaultValue = "16384",
            description = "Most tokens of passes that are kept for the way back; the others are computed twice. Takes "
                    + "memory. Default: ${DEFAULT-VALUE}.")
    private long tokensHeld;

    TrainableStudent.Settings settings(ModelConfig config) {
        if (scale != null && !(scale > 0 && scale <= 1e6)) throw BadInput.of("--scale " + scale, "use more than 0");
        if (!(dropout >= 0 && dropout < 1)) throw BadInput.of("--dropout " + dropout, "use 0 or more, less than 1");
        if (tokensAtOnce < 1) throw BadInput.of("--tokens-at-once " + tokensAtOnce, "use 1 or more");
        if (tokensHeld < 0) throw BadInput.of("--tokens-held " + tokensHeld, "use 0 or more");
        double factor = scale == null ? RetrievalSettings.usualScale(config) : scale;
        return new TrainableStudent.Settings(factor, dropout, tokensAtOnce, tokensHeld);
    }
}
