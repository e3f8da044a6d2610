package io.retort.cli;

import io.retort.distill.BatchSource;
import io.retort.distill.Negatives;
import io.retort.files.BadInput;
import io.retort.model.TrainableStudent;
import io.retort.train.RetrievalSettings;
import picocli.CommandLine.Option;

/** What a student's batch is made of, and in how many pieces it is computed. */
final class TrainingBatchOptions {
    private static final int USUAL_LISTED = 4;

    @Option(names = "--candidates", paramLabel = "K", defaultValue = "10",
            description = "Most candidates of a context, drawn for each step; the original reply is always among them. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int candidates;

    @Option(names = "--negatives", paramLabel = "N", defaultValue = "512",
            description = "Random replies of all data that a batch shares as negatives. Default: ${DEFAULT-VALUE}.")
    private int random;

    @Option(names = "--in-batch", description = "Other contexts' candidates are negatives, too.")
    private boolean inBatch;

    @Option(names = "--hard-negatives", paramLabel = "N", defaultValue = "0",
            description = "Mined negatives a context, shared by the batch. Default: ${DEFAULT-VALUE}.")
    private int hard;

    @Option(names = "--negatives-each", paramLabel = "K",
            description = "With --negatives-from: most that are drawn of a context's for each step, shared by the "
                    + "batch. Default: 4.")
    private Integer listed;

    @Option(names = "--mine-every", paramLabel = "N", defaultValue = "100",
            description = "Steps from one mining to the next. Default: ${DEFAULT-VALUE}.")
    private int mineEvery;

    @Option(names = "--mine-from", paramLabel = "N", defaultValue = "20000",
            description = "Random replies that are searched each time. Default: ${DEFAULT-VALUE}.")
    private int mineFrom;

    @Option(names = "--mine-skip", paramLabel = "N", defaultValue = "1",
            description = "Best replies found that are passed over: often they fit. Default: ${DEFAULT-VALUE}.")
    private int mineSkip;

    @Option(names = "--length-window", paramLabel = "N", defaultValue = "8",
            description = "Batches whose examples are sorted by length together, which saves padding; 1 for none. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(names = "--tokens-held", paramLabel = "N", defaultValue = "8192",
            description = "Most tokens whose passes are kept for the way back, about 0.3 MB each for MiniLM; those "
                    + "beyond are computed twice. Default: ${DEFAULT-VALUE}.")
    private long tokensHeld;

    BatchSource.Settings batches(int contexts, TrainingInputs inputs) {
        if (listed != null && inputs.negatives().isEmpty()) {
            throw BadInput.of("--negatives-each without --negatives-from", "name a file of negatives");
        }
        Negatives.Listed files = new Negatives.Listed(inputs.negatives(), listed == null ? USUAL_LISTED : listed);
        return new BatchSource.Settings(contexts, candidates, new Negatives(random, inBatch, hard, files), window,
                inputs.seed);
    }

    RetrievalSettings.Mining mining() {
        return new RetrievalSettings.Mining(mineEvery, mineFrom, mineSkip);
    }

    TrainableStudent.Settings passes(double scale, double dropout, int tokensAtOnce) {
        if (tokensHeld < 0) throw BadInput.of("--tokens-held " + tokensHeld, "use 0 or more");
        return new TrainableStudent.Settings(scale, dropout, tokensAtOnce, tokensHeld);
    }
}
