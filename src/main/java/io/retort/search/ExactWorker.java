package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import java.util.Arrays;
import java.util.BitSet;

/** Scores every allowed row against each query of a batch, and keeps the best. */
final class ExactWorker implements RowScan.Worker {
    private final Rows rows;
    private final Kernels kernels;
    private final float[][] queries;
    private final BitSet allowed;
    private final float[][] scores;
    private final TopK[] best;

    /**
     * @param allowed null allows all
     */
    ExactWorker(Rows rows, Kernels kernels, float[][] queries, int k, BitSet allowed) {
        this.rows = rows;
        this.kernels = kernels;
        this.queries = queries;
        this.allowed = allowed;
        this.scores = new float[queries.length][RowScan.SPAN];
        this.best = new TopK[queries.length];
        Arrays.setAll(best, q -> new TopK(k));
    }

    @Override
    public TopK[] best() {
        return best;
    }

    @Override
    public void scan(int from, int to) {
        for (int first = from; first < to; first += RowScan.SPAN) {
            int end = Math.min(first + RowScan.SPAN, to);
            if (allowed == null) scanAll(first, end);
            else scanAllowed(first, end);
        }
    }

    private void scanAll(int first, int end) {
        kernels.scores(rows, first, end - first, queries, scores);
        for (int q = 0; q < best.length; q++) best[q].offerAll(kernels, scores[q], end - first, first);
    }

    private void scanAllowed(int from, int end) {
        int first = allowed.nextSetBit(from);
        if (first < 0 || first >= end) return;
        kernels.scores(rows, first, end - first, queries, scores);
        for (int row = first; row >= 0 && row < end; row = allowed.nextSetBit(row + 1)) {
            for (int q = 0; q < best.length; q++) best[q].offer(row, scores[q][row - first]);
        }
    }
}
