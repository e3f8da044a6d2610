package io.retort.generate;

import io.retort.files.BadInput;

/**
 * Everything that decides a completion but model and prompt.
 *
 * @param batch most sequences that are computed at a time; decides memory and speed, but no text
 */
public record GenerationSettings(Decoding decoding, Constraints constraints, StopRules stop, int batch) {
    /** The most sequences that may be computed at a time. */
    public static final int LARGEST_BATCH = 4096;

    /** @throws BadInput if the batch is out of its range or cannot hold a beam */
    public GenerationSettings {
        if (batch < 1 || batch > LARGEST_BATCH) throw BadInput.of("a batch of " + batch, "use 1 to " + LARGEST_BATCH);
        if (decoding.rows() > batch) {
            throw BadInput.of("a beam of width " + decoding.rows() + " in batches of " + batch,
                    "make the batch at least as large");
        }
    }
}
