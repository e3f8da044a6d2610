package io.retort.cli;

import io.retort.distill.BatchSource;
import io.retort.distill.Negatives;
import io.retort.train.RetrievalSettings;
import picocli.CommandLine.Option;

/** What a step's batch is made of. */
final class BatchDrawOptions {
    @Option(names = "--batch", paramLabel = "N", defaultValue = "48",
            description = "Contexts of a step. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--candidates", paramLabel = "N", defaultValue = "10",
            description = "Most candidates of a context, drawn anew each time. Default: ${DEFAULT-VALUE}.")
    private int candidates;

    @Option(names = "--negatives", paramLabel = "N", defaultValue = "512",
            description = "Random replies of a step, shared by its contexts. Default: ${DEFAULT-VALUE}.")
    private int random;

    @Option(names = "--in-batch", description = "The candidates of other contexts are negatives as well.")
    private boolean inBatch;

    @Option(names = "--hard-negatives", paramLabel = "N", defaultValue = "0",
            description = "Replies for each context that the student itself likes best, mined as it learns. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int hard;

    @Option(names = "--mine-every", paramLabel = "N", defaultValue = "100",
            description = "Steps for which hard negatives are mined at once. Default: ${DEFAULT-VALUE}.")
    private int mineEvery;

    @Option(names = "--mine-from", paramLabel = "N", defaultValue = "10000",
            description = "Replies that they are mined from, drawn anew each time. Default: ${DEFAULT-VALUE}.")
    private int mineFrom;

    @Option(names = "--mine-skip", paramLabel = "N", defaultValue = "2",
            description = "Leave out the very best, which are often right. Default: ${DEFAULT-VALUE}.")
    private int mineSkip;

    @Option(names = "--window", paramLabel = "N", defaultValue = "16",
            description = "Batches whose contexts are sorted by length together; 1 for none. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int window;

    BatchSource.Settings settings(long seed) {
        return new BatchSource.Settings(batch, candidates, new Negatives(random, inBatch, hard), window, seed);
    }

    RetrievalSettings.Mining mining() {
        return new RetrievalSettings.Mining(mineEvery, mineFrom, mineSkip);
    }
}
