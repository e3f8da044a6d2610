package io.retort.simd;

import java.util.Arrays;

/**
 * The k best of a stream of (score, id): greater score first, among equal scores the smaller id. The order is total, so
 * that neither the order of arrival nor the way in which the work was split can be seen in the result. A score that is
 * NaN is never kept.
 *
 * <p>A binary heap in two primitive arrays with the worst entry at its root. One thread.
 */
public final class TopK {
    private final int k;
    private int size;
    private float[] scores;
    private int[] ids;

    /**
     * Makes an empty collection of the k best.
     *
     * @param k how many to keep, 1 or more; memory grows with what is offered
     */
    public TopK(int k) {
        if (k < 1) throw new IllegalArgumentException("k = " + k);
        this.k = k;
        int room = Math.min(k, 64);
        scores = new float[room];
        ids = new int[room];
    }

    /** Number of entries that are kept so far. */
    public int size() {
        return size;
    }

    /** A score below this one will not be kept; one at it may. */
    public float threshold() {
        return size < k ? Float.NEGATIVE_INFINITY : scores[0];
    }

    /** Offers one entry, which is kept if it is among the k best; ids must differ from each other. */
    public void offer(int id, float score) {
        if (!(score >= threshold())) return;
        if (size < k) {
            grow();
            up(size++, id, score);
        } else if (better(score, id, scores[0], ids[0])) {
            down(0, size, id, score);
        }
    }

    /**
     * Offers {@code scores[0 .. count)} with ids from {@code firstId} on; what is below the threshold costs next to
     * nothing.
     */
    public void offerAll(Kernels kernels, float[] scores, int count, int firstId) {
        for (int i = 0; i < count; i++) {
            i = kernels.firstAtLeast(scores, i, count, threshold());
            if (i < count) offer(firstId + i, scores[i]);
        }
    }

    /** Offers all entries that another collection has kept. */
    public void merge(TopK other) {
        for (int i = 0; i < other.size; i++) offer(other.ids[i], other.scores[i]);
    }

    /** Hands the entries to a sink, best first, and leaves this collection empty. */
    public void drain(Sink sink) {
        // Heapsort: the worst goes behind the shrinking heap, so that the arrays end up best first.
        int n = size;
        for (int end = n - 1; end > 0; end--) {
            float worst = scores[0];
            int worstId = ids[0];
            down(0, end, ids[end], scores[end]);
            scores[end] = worst;
            ids[end] = worstId;
        }
        size = 0;
        for (int i = 0; i < n; i++) sink.accept(ids[i], scores[i]);
    }

    /** Takes entries from {@link #drain}. */
    public interface Sink {
        /** Takes one entry; called for the best first. */
        void accept(int id, float score);
    }

    private static boolean better(float score, int id, float thanScore, int thanId) {
        return score > thanScore || score == thanScore && id < thanId;
    }

    private void grow() {
        if (size < scores.length) return;
        int room = (int) Math.min(k, 2L * size);
        scores = Arrays.copyOf(scores, room);
        ids = Arrays.copyOf(ids, room);
    }

    /** Puts an entry at {@code hole} or above, where its parent is not better. */
    private void up(int hole, int id, float score) {
        while (hole > 0) {
            int parent = (hole - 1) / 2;
            if (!better(scores[parent], ids[parent], score, id)) break;
            set(hole, ids[parent], scores[parent]);
            hole = parent;
        }
        set(hole, id, score);
    }

    /** Puts an entry at {@code hole} or below, where none of its children among the first {@code end} is worse. */
    private void down(int hole, int end, int id, float score) {
        for (long left = 2L * hole + 1; left < end; left = 2L * hole + 1) {
            int child = (int) left;
            if (child + 1 < end && better(scores[child], ids[child], scores[child + 1], ids[child + 1])) child++;
            if (!better(score, id, scores[child], ids[child])) break;
            set(hole, ids[child], scores[child]);
            hole = child;
        }
        set(hole, id, score);
    }

    private void set(int at, int id, float score) {
        scores[at] = score;
        ids[at] = id;
    }
}
