package io.retort.reply;

import io.retort.dialogue.Context;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/**
 * One of several contexts that a {@link ModelResponder} answers together, with wishes of its own.
 *
 * @param context what is answered
 * @param tokens  the same as the model reads it; not to be changed
 * @param k       most replies
 * @param allowed rows that may be given; null allows all. It must not change until it is answered
 * @param without rows that are passed over though they are allowed: few, such as what was said before
 * @param known   what the model makes of the context, or of its last turn, where somebody has it already
 */
public record ReplyQuery(Context context, int[] tokens, int k, BitSet allowed, Set<Integer> without,
        Optional<Encoded> known) {
    /**
     * A text that was encoded already.
     *
     * @param tokens of the text; not to be changed
     * @param vector what the model's {@link io.retort.retrieval.RetrievalModel#encodeContext} makes of them; not to be
     *               changed
     */
    public record Encoded(int[] tokens, float[] vector) {
    }

    /** @throws IllegalArgumentException if {@code k} is below 1 */
    public ReplyQuery {
        if (k < 1) throw new IllegalArgumentException("k is " + k + ", not 1 or more");
        without = Set.copyOf(without);
    }

    /** A query of which nobody has the vector. */
    public ReplyQuery(Context context, int[] tokens, int k, BitSet allowed, Set<Integer> without) {
        this(context, tokens, k, allowed, without, Optional.empty());
    }

    /** The same query for another number of replies. */
    public ReplyQuery withK(int k) {
        return new ReplyQuery(context, tokens, k, allowed, without, known);
    }

    /** The same query, which does not encode this text once more where it is one of those that it needs. */
    public ReplyQuery withKnown(Encoded known) {
        return new ReplyQuery(context, tokens, k, allowed, without, Optional.of(known));
    }

    /** The vector of a text, if that is known. */
    Optional<float[]> vector(int[] text) {
        return known.filter(its -> Arrays.equals(its.tokens, text)).map(Encoded::vector);
    }
}
