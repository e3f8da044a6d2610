package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Batches of made-up texts, all of one length. */
final class BatchOptions {
    private static final int MOST_TEXTS = 1 << 16;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Texts. Default: ${DEFAULT-VALUE}.")
    int batch;

    @Option(names = "--length", paramLabel = "N", defaultValue = "64",
            description = "Tokens of a text. Default: ${DEFAULT-VALUE}.")
    int length;

    /** The state of the generator of ids, an unsigned number of 32 bits. */
    private long state = 1;

    /** Refuses what the model cannot take. */
    void check(ModelConfig config) {
        if (batch < 1 || batch > MOST_TEXTS) throw BadInput.of("--batch " + batch, "use 1 to " + MOST_TEXTS);
        int longest = config.encoder().maxTokens();
        if (length < 1 || length > longest) throw BadInput.of("--length " + length, "use 1 to " + longest);
    }

    /**
     * The next batch of random ids below {@code vocabulary}, the same in every run of the program and, by the same
     * arithmetic, in the scripts of bench/peers, so that losses can be compared: Knuth's linear congruential generator
     * modulo 2^32, of which the upper bits are used.
     */
    List<int[]> next(int vocabulary) {
        List<int[]> texts = new ArrayList<>();
        for (int text = 0; text < batch; text++) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                state = (state * 1_664_525 + 1_013_904_223) & 0xffff_ffffL;
                ids[t] = (int) ((state >>> 8) % vocabulary);
            }
            texts.add(ids);
        }
        return texts;
    }

    @Override
    public String toString() {
        return batch + " x " + length + " tokens";
    }
}
