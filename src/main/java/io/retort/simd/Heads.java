package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Heads that share keys, {@code [heads, rows, dim]}, where a projection wrote them: a view, as {@link Matrix} is.
 *
 * @param offset     of the first element, in bytes
 * @param headStride elements from a head to the next
 */
public record Heads(MemorySegment memory, long offset, int heads, int rows, int dim, long headStride, long rowStride,
        long columnStride) {
    /** The matrix {@code [rows, dim]} of one head, as a view. */
    Matrix head(int head) {
        return new Matrix(memory, offset + Float.BYTES * head * headStride, rows, dim, rowStride, columnStride);
    }

    /** Sets a row to zero in all heads. */
    public void clear(int row) {
        Matrix zeros = row(row);
        for (int i = 0; i < heads; i++) for (int j = 0; j < dim; j++) zeros.set(i, j, 0);
    }

    /** The matrix {@code [heads, dim]} of one row, as a view. */
    Matrix row(int row) {
        return new Matrix(memory, offset + Float.BYTES * row * rowStride, heads, dim, headStride, columnStride);
    }
}
