package io.retort.learn;

import io.retort.dialogue.Context;
import java.util.List;

/**
 * The texts of a step, and who belongs to whom.
 *
 * @param contexts rows of the scores
 * @param texts replies, columns of the scores, no two of them one reply in two spellings
 * @param replies whose they are
 */
record Batch(List<Context> contexts, List<String> texts, BatchReplies replies) {
    public Batch {
        contexts = List.copyOf(contexts);
        texts = List.copyOf(texts);
    }
}
