package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checks of arguments, once a call, so that inner loops need none. */
final class Shapes {
    private Shapes() {
    }

    /** Refuses ranges and shapes that would read or write out of bounds. */
    static void check(Rows rows, int first, int count, float[] query, float[] scores) {
        Objects.checkFromIndexSize(first, count, rows.count());
        if (query.length != rows.dims()) {
            throw new IllegalArgumentException("query of " + query.length + " dims, rows of " + rows.dims());
        }
        if (scores.length < count) throw new IllegalArgumentException("room for " + scores.length + " of " + count);
    }

    /** {@link #check(Rows, int, int, float[], float[])} for each query of a batch. */
    static void check(Rows rows, int first, int count, float[][] queries, float[][] scores) {
        if (scores.length < queries.length) {
            throw new IllegalArgumentException("room for " + scores.length + " of " + queries.length + " queries");
        }
        for (int i = 0; i < queries.length; i++) check(rows, first, count, queries[i], scores[i]);
    }

    static void checkPack(MatrixKernels kernels, Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        Objects.checkFromToIndex(fromPanel, toPanel, kernels.panels(b.columns()));
        if (to.byteSize() < kernels.packedBytes(b.rows(), b.columns())) {
            throw new IllegalArgumentException(
                    to.byteSize() + " bytes for packed " + b.rows() + " x " + b.columns());
        }
    }

    static void checkMultiply(MatrixKernels kernels, Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue,
            Block block) {
        if (a.columns() != b.rows() || c.rows() != a.rows() || c.columns() != b.columns()) {
            throw new IllegalArgumentException(a.rows() + " x " + a.columns() + " by " + b.rows() + " x " + b.columns()
                    + " into " + c.rows() + " x " + c.columns());
        }
        if (b.panelColumns() != kernels.panelColumns()) {
            throw new IllegalArgumentException("packed by " + b.panelColumns() + " columns, not "
                    + kernels.panelColumns());
        }
        epilogue.check(c.rows(), c.columns());
        block.check(c.rows(), kernels.panels(c.columns()));
    }

    /** Refuses what does not fit a product of A {@code [?, depth]} with so many columns. */
    static void check(Matrix a, Matrix c, Epilogue epilogue, int depth, int columns) {
        if (a.columns() != depth || c.rows() != a.rows() || c.columns() != columns) {
            throw new IllegalArgumentException(a.rows() + " x " + a.columns() + " by " + depth + " x " + columns
                    + " into " + c.rows() + " x " + c.columns());
        }
        epilogue.check(c.rows(), c.columns());
    }

    /** {@link #check(Rows, int, int, float[], float[])} for rows here and there. */
    static void check(Rows rows, int[] ids, int count, float[] query, float[] scores) {
        check(rows, 0, 0, query, scores);
        Objects.checkFromIndexSize(0, count, Math.min(ids.length, scores.length));
        for (int i = 0; i < count; i++) Objects.checkIndex(ids[i], rows.count());
    }

    /** Refuses blocks and shapes that would read or write out of bounds. */
    static void check(Int8Rows rows, int first, int count, Int8Query[] queries, float[] thresholds, int[][] reached) {
        Objects.checkFromIndexSize(first, count, rows.count());
        int end = first + count;
        if (first % Int8Rows.BLOCK != 0 || end % Int8Rows.BLOCK != 0 && end != rows.count()) {
            throw new IllegalArgumentException("rows " + first + " to " + end + " are not whole blocks");
        }
        int blocks = (count + Int8Rows.BLOCK - 1) / Int8Rows.BLOCK;
        if (thresholds.length < queries.length || reached.length < queries.length) {
            throw new IllegalArgumentException("room for fewer than " + queries.length + " queries");
        }
        for (int q = 0; q < queries.length; q++) {
            if (queries[q].dims() != rows.dims()) {
                throw new IllegalArgumentException("query of " + queries[q].dims() + " dims, rows of " + rows.dims());
            }
            if (reached[q].length < blocks) throw new IllegalArgumentException("room for fewer than " + blocks);
        }
    }
}
