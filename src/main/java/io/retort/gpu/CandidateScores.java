package io.retort.gpu;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores candidates on the CPU, where the card has only codes of the rows. Any thread.
 *
 * @param rows must be alive whenever candidates are scored
 */
record CandidateScores(Rows rows, Kernels kernels, WorkerPool pool) {
    /** Candidates that a thread scores at a time. */
    private static final int SPAN = 256;

    private record Span(int query, int from, int to) {
    }

    /** The best of a query's candidates, best first. */
    record Best(int[] rows, float[] scores) {
        private static Best of(TopK best) {
            Best drained = new Best(new int[best.size()], new float[best.size()]);
            int[] next = new int[1];
            best.drain((row, score) -> {
                drained.rows[next[0]] = row;
                drained.scores[next[0]++] = score;
            });
            return drained;
        }
    }

    /**
     * Chooses the k best candidates of each query, or all if they are fewer.
     *
     * @param candidates {@code [queries]}: rows, none twice
     */
    Best[] best(float[][] queries, int[][] candidates, int k) {
        List<Span> spans = new ArrayList<>();
        float[][] scores = new float[queries.length][];
        for (int q = 0; q < queries.length; q++) {
            int count = candidates[q].length;
            scores[q] = new float[count];
            for (int from = 0; from < count; from += SPAN) spans.add(new Span(q, from, Math.min(from + SPAN, count)));
        }
        pool.forRanges(spans.size(), 1, (slot, from, to) -> {
            for (Span span : spans.subList(from, to)) {
                int[] ids = Arrays.copyOfRange(candidates[span.query], span.from, span.to);
                float[] found = new float[ids.length];
                kernels.scores(rows, ids, ids.length, queries[span.query], found);
                System.arraycopy(found, 0, scores[span.query], span.from, found.length);
            }
        });
        Best[] best = new Best[queries.length];
        for (int q = 0; q < queries.length; q++) {
            TopK chosen = new TopK(k);
            for (int i = 0; i < scores[q].length; i++) chosen.offer(candidates[q][i], scores[q][i]);
            best[q] = Best.of(chosen);
        }
        return best;
    }
}
