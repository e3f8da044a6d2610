package io.retort.generate;

import io.retort.generate.Constraints.NgramBlock;
import java.util.BitSet;

/**
 * Applies {@link Constraints} to the scores of the next token, in the order in which transformers does: repetition
 * penalty, n-grams, least length. For use by one thread.
 */
final class ConstraintFilter {
    private final Constraints constraints;
    private final BitSet ends;
    private final BitSet seen = new BitSet();

    /**
     * @param ends tokens that are not chosen before the least length
     */
    ConstraintFilter(Constraints constraints, BitSet ends) {
        this.constraints = constraints;
        this.ends = ends;
    }

    /**
     * Changes logits, or log-probabilities, to what may be chosen; negative infinity is what may not.
     */
    void apply(float[] scores, History history) {
        if (constraints.repetitionPenalty() != 1) penalise(scores, history);
        for (NgramBlock block : constraints.ngramBlocks()) block(block, scores, history);
        if (history.replyLength() < constraints.minTokens()) {
            for (int id = ends.nextSetBit(0); id >= 0; id = ends.nextSetBit(id + 1)) forbid(scores, id);
        }
    }

    private void penalise(float[] scores, History history) {
        float penalty = (float) constraints.repetitionPenalty();
        for (int i = history.begin(); i < history.length(); i++) {
            int id = history.at(i);
            if (seen.get(id)) continue;
            seen.set(id);
            scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
        }
        for (int i = history.begin(); i < history.length(); i++) seen.clear(history.at(i));
    }

    private static void block(NgramBlock block, float[] scores, History history) {
        int n = block.size(), border = history.promptLength(), length = history.length();
        int first = switch (block.where()) {
            case REPLY -> border;
            case PROMPT, BOTH -> 0;
        };
        int end = switch (block.where()) {
            case PROMPT -> border;
            case REPLY, BOTH -> length;
        };
        if (length - Math.max(first, history.begin()) < n - 1) return;
        for (int start = first; start + n <= end; start++) {
            boolean torn = start < history.begin() && start + n > history.begin();
            if (!torn && endsLike(history, start, n - 1)) forbid(scores, history.at(start + n - 1));
        }
    }

    /** Whether the last {@code count} tokens of a history equal its {@code count} tokens from {@code start} on. */
    private static boolean endsLike(History history, int start, int count) {
        int tail = history.length() - count;
        for (int i = 0; i < count; i++) if (history.at(start + i) != history.at(tail + i)) return false;
        return true;
    }

    private static void forbid(float[] scores, int id) {
        scores[id] = Float.NEGATIVE_INFINITY;
    }
}
