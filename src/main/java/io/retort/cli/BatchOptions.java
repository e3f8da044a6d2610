package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.retrieval.ModelConfig;
import java.util.List;
import picocli.CommandLine.Option;

/** Options for the benchmarks' batches of made-up texts, which are all of one length. */
final class BatchOptions {
    private static final int MOST_TEXTS = 1 << 16;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Texts. Default: ${DEFAULT-VALUE}.")
    int batch;

    @Option(names = "--length", paramLabel = "N", defaultValue = "64",
            description = "Tokens of a text. Default: ${DEFAULT-VALUE}.")
    int length;

    private final RandomIds ids = new RandomIds();

    /** Refuses batches of too many texts, and texts longer than the model can take. */
    void check(ModelConfig config) {
        if (batch < 1 || batch > MOST_TEXTS) throw BadInput.of("--batch " + batch, "use 1 to " + MOST_TEXTS);
        int longest = config.encoder().maxTokens();
        if (length < 1 || length > longest) throw BadInput.of("--length " + length, "use 1 to " + longest);
    }

    /** Makes the next batch, of random token ids below {@code vocabulary}. */
    List<int[]> next(int vocabulary) {
        return ids.next(batch, length, vocabulary);
    }

    @Override
    public String toString() {
        return batch + " x " + length + " tokens";
    }
}
