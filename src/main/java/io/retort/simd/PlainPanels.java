package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Packs panels as {@link Panels} does, in loops over arrays: a fraction as fast once all is compiled, and many times as
 * fast before, which is when weights are packed for inference.
 */
final class PlainPanels {
    private PlainPanels() {
    }

    /**
     * Packs one panel.
     *
     * @param b     {@code [K, columns]} with 1 to {@code width} columns
     * @param width columns of the panel
     * @param at    byte offset in {@code to} of the panel {@code [K, width]}
     */
    static void pack(Matrix b, int width, MemorySegment to, long at) {
        if (b.rows() == 0) return;
        float[] panel = new float[b.rows() * width];
        if (b.rowStride() == 1) {
            float[] column = new float[b.rows()];
            for (int j = 0; j < b.columns(); j++) {
                MemorySegment.copy(b.memory(), Matrix.FLOAT, b.offset(0, j), column, 0, column.length);
                spread(column, panel, j, width);
            }
        } else if (b.columnStride() == 1) {
            for (int k = 0; k < b.rows(); k++) {
                MemorySegment.copy(b.memory(), Matrix.FLOAT, b.offset(k, 0), panel, k * width, b.columns());
            }
        } else {
            for (int k = 0; k < b.rows(); k++) {
                for (int j = 0; j < b.columns(); j++) panel[k * width + j] = b.get(k, j);
            }
        }
        MemorySegment.copy(panel, 0, to, Matrix.FLOAT, at, panel.length);
    }

    private static void spread(float[] column, float[] panel, int at, int width) {
        for (int k = 0, i = at; k < column.length; k++, i += width) panel[i] = column[k];
    }
}
