package io.retort.learn;

import io.retort.settings.InvalidSetting;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the negatives of a batch come from; several sources may be combined.
 *
 * @param random N, replies drawn from the response set for each step, shared by the batch; 512 in the paper
 * @param inBatch whether the other contexts' candidates are negatives
 * @param hard mined replies for each context, shared by the batch: what the student itself ranks first though it is
 * none of the context's candidates
 * @param listed chosen by somebody else, shared by the batch
 */
public record Negatives(int random, boolean inBatch, int hard, Listed listed) {
    /**
     * Negatives that somebody else chose for each context and listed in files.
     *
     * @param files of lines {@code {"id", "negatives": [text…]}}
     * @param each  most that are drawn of a context's list for a step
     */
    public record Listed(List<Path> files, int each) {
        /** No files of listed negatives. */
        public static final Listed NONE = new Listed(List.of(), 1);

        /** @throws InvalidSetting if none are drawn */
        public Listed {
            files = List.copyOf(files);
            InvalidSetting.unless(each >= 1, "each", each, "use 1 or more");
        }
    }

    /** Negatives from the given sources, none of them listed in files. */
    public Negatives(int random, boolean inBatch, int hard) {
        this(random, inBatch, hard, Listed.NONE);
    }

    /**
     * @throws InvalidSetting if there are none
     */
    public Negatives {
        InvalidSetting.unless(random >= 0, "random", random, "use 0 or more");
        InvalidSetting.unless(hard >= 0, "hard", hard, "use 0 or more");
        if (random == 0 && hard == 0 && !inBatch && listed.files().isEmpty()) {
            throw new InvalidSetting("random", random, "and there are no others",
                    "ask for random, in-batch, hard or listed negatives");
        }
    }
}
