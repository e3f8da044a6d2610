package io.retort.generate;

import io.retort.settings.InvalidSetting;

/**
 * The settings that, together with model and prompt, decide a completion.
 *
 * @param batch most sequences that are computed at a time; decides memory and speed, but no text
 */
public record GenerationSettings(Decoding decoding, Constraints constraints, StopRules stop, int batch) {
    /** The most sequences that may be computed in one batch. */
    public static final int LARGEST_BATCH = 4096;

    /** @throws InvalidSetting if the batch is out of its range or cannot hold a beam */
    public GenerationSettings {
        InvalidSetting.unless(batch >= 1 && batch <= LARGEST_BATCH, "batch", batch, "use 1 to " + LARGEST_BATCH);
        if (decoding.rows() > batch) {
            throw new InvalidSetting("batch", batch, "which does not hold a beam of width " + decoding.rows(),
                    "make it at least as large");
        }
    }
}
