package io.retort.simd;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The specification of search in plain Java: the sums as {@link Kernels} defines them, with nothing clever. */
public final class ScalarKernels implements Kernels {
    private static final int LANES = 16;
    /** An addend above all that underflow takes from a bound ({@link Int8Rows}). */
    static final float UNDERFLOW = 0x1p-124f;

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public void scores(Rows rows, int first, int count, float[] query, float[] scores) {
        Shapes.check(rows, first, count, query, scores);
        float[] row = new float[rows.dims()], sums = new float[LANES];
        for (int i = 0; i < count; i++) scores[i] = score(rows, first + i, query, row, sums);
    }

    @Override
    public void scores(Rows rows, int first, int count, float[][] queries, float[][] scores) {
        Shapes.check(rows, first, count, queries, scores);
        for (int i = 0; i < queries.length; i++) scores(rows, first, count, queries[i], scores[i]);
    }

    @Override
    public void scores(Rows rows, int[] ids, int count, float[] query, float[] scores) {
        Shapes.check(rows, ids, count, query, scores);
        float[] row = new float[rows.dims()], sums = new float[LANES];
        for (int i = 0; i < count; i++) scores[i] = score(rows, ids[i], query, row, sums);
    }

    @Override
    public void screen(Int8Rows rows, int first, int count, Int8Query[] queries, float[] thresholds,
            int[][] reached) {
        Shapes.check(rows, first, count, queries, thresholds, reached);
        for (int q = 0; q < queries.length; q++) {
            for (int r = 0; r < count; r++) {
                if (r % Int8Rows.BLOCK == 0) reached[q][r / Int8Rows.BLOCK] = 0;
                if (bound(rows, first + r, queries[q]) >= thresholds[q]) {
                    reached[q][r / Int8Rows.BLOCK] |= 1 << r % Int8Rows.BLOCK;
                }
            }
        }
    }

    private static float bound(Int8Rows rows, int row, Int8Query query) {
        long at = rows.offset(row / Int8Rows.BLOCK) + 2L * (row % Int8Rows.BLOCK);
        int dot = 0;
        for (int k = 0; k < query.pairs.length; k++, at += Int8Rows.PAIR_BYTES) {
            dot += rows.codes.get(ValueLayout.JAVA_BYTE, at) * (short) query.pairs[k];
            dot += rows.codes.get(ValueLayout.JAVA_BYTE, at + 1) * (query.pairs[k] >> 16);
        }
        float slack = Math.fma(rows.errors[row], query.perError, Math.fma(rows.norms[row], query.perNorm, UNDERFLOW));
        return Math.fma(dot, rows.scales[row] * query.scale, slack);
    }

    private static float score(Rows rows, int number, float[] query, float[] row, float[] sums) {
        Arrays.fill(sums, 0f);
        int dims = query.length, whole = dims - dims % LANES;
        rows.read(number, row);
        for (int i = 0; i < whole; i += LANES) {
            for (int l = 0; l < LANES; l++) sums[l] = Math.fma(row[i + l], query[i + l], sums[l]);
        }
        for (int i = whole; i < dims; i++) sums[i - whole] = Math.fma(row[i], query[i], sums[i - whole]);
        // Padding is not a no-op: it turns -0.0 into 0.0.
        if (dims % LANES != 0) for (int l = dims % LANES; l < LANES; l++) sums[l] += 0f;
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) sums[l] += sums[l + half];
        }
        return sums[0];
    }

    @Override
    public int firstAtLeast(float[] values, int from, int to, float threshold) {
        for (int i = from; i < to; i++) if (values[i] >= threshold) return i;
        return to;
    }
}
