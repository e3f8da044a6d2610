package io.retort.search;

import io.retort.simd.Int8Query;
import io.retort.simd.Int8Rows;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import java.util.BitSet;

/**
 * Scores the rows whose bound reaches the worst of the best found so far. Where more than one pair of row and query in
 * {@value #FEW} does, screening is a waste: after such a span the next is scored whole, after another one three, then
 * seven, up to {@value #MOST_UNSCREENED}.
 */
final class ScreenedWorker implements RowScan.Worker {
    private static final int FEW = 4;
    private static final int MOST_UNSCREENED = 63;
    private static final int BLOCK = Int8Rows.BLOCK;

    private final Rows rows;
    private final Int8Rows screen;
    private final Kernels kernels;
    private final float[][] queries;
    private final Int8Query[] coarse;
    private final BitSet allowed;
    private final ExactWorker exact;
    private final TopK[] best;
    private final float[] thresholds;
    private final int[][] reached;
    private final int[] ids = new int[RowScan.SPAN];
    private final float[] scores = new float[RowScan.SPAN];
    /** Number of spans to score whole after one that let too many through, and how many of them are left. */
    private int unscreened;
    private int left;

    /**
     * @param screen  of the same rows
     * @param coarse  of the same queries
     * @param allowed null allows all
     */
    ScreenedWorker(Rows rows, Int8Rows screen, Kernels kernels, float[][] queries, Int8Query[] coarse, int k,
            BitSet allowed) {
        this.rows = rows;
        this.screen = screen;
        this.kernels = kernels;
        this.queries = queries;
        this.coarse = coarse;
        this.allowed = allowed;
        this.exact = new ExactWorker(rows, kernels, queries, k, allowed);
        this.best = exact.best();
        this.thresholds = new float[queries.length];
        this.reached = new int[queries.length][RowScan.SPAN / BLOCK];
    }

    @Override
    public TopK[] best() {
        return best;
    }

    @Override
    public void scan(int from, int to) {
        for (int first = from; first < to; first += RowScan.SPAN) {
            int end = Math.min(first + RowScan.SPAN, to);
            if (noneAllowed(first, end)) continue;
            if (left > 0) {
                left--;
                exact.scan(first, end);
            } else {
                screen(first, end);
            }
        }
    }

    private boolean noneAllowed(int first, int end) {
        if (allowed == null) return false;
        int next = allowed.nextSetBit(first);
        return next < 0 || next >= end;
    }

    private void screen(int first, int end) {
        for (int q = 0; q < best.length; q++) thresholds[q] = best[q].threshold();
        kernels.screen(screen, first, end - first, coarse, thresholds, reached);
        int passed = 0;
        for (int q = 0; q < best.length; q++) {
            int count = collect(reached[q], first, end);
            passed += count;
            score(q, count);
        }
        boolean waste = (long) passed * FEW > (long) (end - first) * best.length;
        unscreened = waste ? Math.min(2 * unscreened + 1, MOST_UNSCREENED) : 0;
        left = unscreened;
    }

    private int collect(int[] masks, int first, int end) {
        int count = 0;
        for (int row = first, b = 0; row < end; row += BLOCK, b++) {
            for (int bits = masks[b]; bits != 0; bits &= bits - 1) {
                int id = row + Integer.numberOfTrailingZeros(bits);
                if (allowed == null || allowed.get(id)) ids[count++] = id;
            }
        }
        return count;
    }

    private void score(int q, int count) {
        if (count == 0) return;
        kernels.scores(rows, ids, count, queries[q], scores);
        for (int i = 0; i < count; i++) best[q].offer(ids[i], scores[i]);
    }
}
