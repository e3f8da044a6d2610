package io.retort.reply;

import io.retort.dialogue.Context;
import java.util.BitSet;
import java.util.Set;

/**
 * One of several contexts that a {@link ModelResponder} answers together, with wishes of its own.
 *
 * @param context what is answered
 * @param tokens  the same as the model reads it; not to be changed
 * @param k       most replies
 * @param allowed rows that may be given; null allows all. It must not change until it is answered
 * @param without rows that are passed over though they are allowed: few, such as what was said before
 */
public record ReplyQuery(Context context, int[] tokens, int k, BitSet allowed, Set<Integer> without) {
    /** @throws IllegalArgumentException if {@code k} is below 1 */
    public ReplyQuery {
        if (k < 1) throw new IllegalArgumentException("k is " + k + ", not 1 or more");
        without = Set.copyOf(without);
    }
}
