package io.retort.learn;

import java.util.BitSet;
import java.util.List;

/**
 * The replies of a batch, and whose they are. Each different reply is one column of the scores {@code R [contexts,
 * replies]}, however many contexts it belongs to and however often it was drawn: so a reply can never be a negative of
 * a context it is right for, and its mass is counted wherever it was meant. The arrays are the record's own.
 *
 * @param count replies, M
 * @param candidates columns of each context's own replies C_i; its positive, the original reply, first. A column may
 * stand there twice
 * @param teacher the teacher's score of each candidate, q_ij; empty where no teacher is asked
 * @param shared columns of N, negatives of every context
 * @param inBatch whether candidates of the other contexts are negatives as well
 */
public record BatchReplies(int count, List<int[]> candidates, List<double[]> teacher, BitSet shared, boolean inBatch) {
    /**
     * @throws IllegalArgumentException if a context has no candidate, or a teacher's score is missing or not finite
     */
    public BatchReplies {
        candidates = List.copyOf(candidates);
        teacher = List.copyOf(teacher);
        if (candidates.isEmpty()) throw new IllegalArgumentException("a batch without contexts");
        if (!teacher.isEmpty() && teacher.size() != candidates.size()) {
            throw new IllegalArgumentException(teacher.size() + " teacher's scores for " + candidates.size());
        }
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).length == 0) throw new IllegalArgumentException("context " + i + " has no reply");
            if (!teacher.isEmpty()) requireScores(i, teacher.get(i), candidates.get(i).length);
        }
    }

    private static void requireScores(int context, double[] scores, int candidates) {
        if (scores.length != candidates) {
            throw new IllegalArgumentException("context " + context + " has " + scores.length + " teacher's scores for "
                    + candidates + " candidates");
        }
        for (double score : scores) {
            if (!Double.isFinite(score)) throw new IllegalArgumentException("context " + context + " scores " + score);
        }
    }

    /** Number of contexts in the batch, B. */
    public int contexts() {
        return candidates.size();
    }

    /** The columns of the replies that are negatives for one context; its own candidates are never among them. */
    BitSet negatives(int context) {
        BitSet negatives = (BitSet) shared.clone();
        if (inBatch) candidates.forEach(columns -> set(negatives, columns));
        for (int column : candidates.get(context)) negatives.clear(column);
        return negatives;
    }

    /** The columns of the replies that are candidates of one context, its positive included. */
    BitSet own(int context) {
        BitSet own = new BitSet(count);
        set(own, candidates.get(context));
        return own;
    }

    private static void set(BitSet bits, int[] columns) {
        for (int column : columns) bits.set(column);
    }
}
