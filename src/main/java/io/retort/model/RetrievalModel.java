package io.retort.model;

import io.retort.dialogue.Context;
import io.retort.files.Progress;
import io.retort.text.InputBuilder;
import java.util.List;

/**
 * A student at work (G2R section 3.1): turns replies into vectors, and scores them for contexts. Safe to use from any
 * thread; closing frees its native memory.
 */
public sealed interface RetrievalModel extends AutoCloseable permits BiEncoder, PolyEncoder {
    /** Settings of the model. */
    ModelConfig config();

    /** How texts become tokens. */
    InputBuilder inputs();

    /** Size of a reply's vector. */
    default int dim() {
        return config().dim();
    }

    /**
     * The vectors of replies that scores are made of, {@code [replies][dim]}: of length 1 where the similarity is the
     * cosine.
     *
     * @param progress counts replies
     */
    float[][] encodeReplies(List<String> replies, Progress progress);

    /**
     * The vectors of replies as the model's makers publish them. They are those of {@link #encodeReplies}, but for models
     * that compare by cosine vectors that are not of length 1; to score, use those.
     */
    default float[][] publishedReplies(List<String> replies, Progress progress) {
        return encodeReplies(replies, progress);
    }

    /**
     * The scores {@code R(c, r)} of replies for a context, given as token ids ({@link InputBuilder#context}).
     *
     * @param replies vectors of replies, {@code [n][dim]}
     * @return {@code [n]}
     */
    float[] score(int[] context, float[][] replies);

    /** The same for a context of turns. */
    default float[] score(Context context, float[][] replies) {
        return score(inputs().context(context), replies);
    }

    @Override
    void close();
}
