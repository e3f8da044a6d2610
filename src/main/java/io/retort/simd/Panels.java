package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Writes panels of packed matrices. */
final class Panels {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;
    private static final int COLUMNS = RegisterTile.COLUMNS;
    private static final long ROW_BYTES = 4L * COLUMNS;
    /** Rows of a block in which a transposed view is read: what lies in one cache line of a column. */
    private static final int BLOCK = 16;

    private Panels() {
    }

    /**
     * Packs one panel.
     *
     * @param b  {@code [K, columns]} with 1 to COLUMNS columns
     * @param at byte offset in {@code to} of the panel {@code [K, COLUMNS]}
     */
    static void pack(Matrix b, MemorySegment to, long at) {
        if (b.columns() < COLUMNS) to.asSlice(at, b.rows() * ROW_BYTES).fill((byte) 0);
        if (b.columnStride() == 1 && b.columns() == COLUMNS) {
            copy(b.memory(), b.offset(), b.rowBytes(), b.rows(), to, at);
            return;
        }
        for (int k = 0; k < b.rows(); k += BLOCK) {
            transpose(b.memory(), b.offset(k, 0), b.rowBytes(), b.columnBytes(), Math.min(BLOCK, b.rows() - k),
                    b.columns(), to, at + k * ROW_BYTES);
        }
    }

    private static void copy(MemorySegment b, long from, long rowBytes, int rows, MemorySegment to, long at) {
        for (int k = 0; k < rows; k++) {
            long i = from + k * rowBytes, o = at + k * ROW_BYTES;
            FloatVector.fromMemorySegment(S, b, i, LITTLE_ENDIAN).intoMemorySegment(to, o, LITTLE_ENDIAN);
            FloatVector.fromMemorySegment(S, b, i + 4L * W, LITTLE_ENDIAN).intoMemorySegment(to, o + 4L * W,
                    LITTLE_ENDIAN);
        }
    }

    /** Element by element, down the columns. */
    private static void transpose(MemorySegment b, long from, long rowBytes, long columnBytes, int rows, int columns,
            MemorySegment to, long at) {
        for (int j = 0; j < columns; j++) {
            long i = from + j * columnBytes, o = at + 4L * j;
            for (int k = 0; k < rows; k++) {
                to.set(Matrix.FLOAT, o + k * ROW_BYTES, b.get(Matrix.FLOAT, i + k * rowBytes));
            }
        }
    }
}
