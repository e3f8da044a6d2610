package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Packs right-hand sides of products into panels, one at a time. */
final class Panels {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;
    private static final int COLUMNS = RegisterTile.COLUMNS;
    private static final long ROW_BYTES = RegisterTile.ROW_BYTES;

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
        } else if (b.rowStride() == 1) {
            transpose(b, to, at);
        } else {
            elements(b, 0, b.rows(), 0, b.columns(), to, at);
        }
    }

    private static void copy(MemorySegment b, long from, long rowBytes, int rows, MemorySegment to, long at) {
        for (int k = 0; k < rows; k++) {
            long i = from + k * rowBytes, o = at + k * ROW_BYTES;
            put(get(b, i), to, o);
            put(get(b, i + 4L * W), to, o + 4L * W);
        }
    }

    /** Packs some rows and columns element by element, down the columns. */
    private static void elements(Matrix b, int fromRow, int toRow, int fromColumn, int toColumn, MemorySegment to,
            long at) {
        MemorySegment memory = OffHeap.of(b.memory()), panel = OffHeap.of(to);
        long rowBytes = b.rowBytes();
        for (int j = fromColumn; j < toColumn; j++) {
            long i = b.offset(0, j), o = at + 4L * j;
            for (int k = fromRow; k < toRow; k++) {
                panel.set(Matrix.FLOAT, o + k * ROW_BYTES, memory.get(Matrix.FLOAT, i + k * rowBytes));
            }
        }
    }

    /** Packs a panel whose columns have no gaps: by squares as wide as a vector, the rest by elements. */
    private static void transpose(Matrix b, MemorySegment to, long at) {
        int rows = b.rows() / W * W, columns = b.columns() / W * W;
        for (int k = 0; k < rows; k += W) {
            for (int j = 0; j < columns; j += W) {
                Square.transpose(b.memory(), b.offset(k, j), b.columnBytes(), to, at + k * ROW_BYTES + 4L * j);
            }
        }
        elements(b, rows, b.rows(), 0, columns, to, at);
        elements(b, 0, b.rows(), columns, b.columns(), to, at);
    }

    /**
     * Transposes a square of as many rows as lanes: for h = W/2, ..., 2, 1, each row r without bit h and row r + h
     * exchange the lanes with bit h of the one for those without it of the other. From the second h on this is done in
     * place, where the square is to be.
     */
    private static final class Square {
        private static final int STAGES = Integer.numberOfTrailingZeros(W);
        private static final VectorMask<Float>[] BIT = lanesWith();
        private static final VectorShuffle<Float>[] SWAP = swaps();

        @SuppressWarnings({"unchecked", "rawtypes"})
        private static VectorMask<Float>[] lanesWith() {
            return IntStream.range(0, STAGES).mapToObj(s -> Butterfly.lanesWith(S, 1 << s)).toArray(VectorMask[]::new);
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private static VectorShuffle<Float>[] swaps() {
            return IntStream.range(0, STAGES).mapToObj(s -> Butterfly.swap(S, 1 << s)).toArray(VectorShuffle[]::new);
        }

        /** Rows of the source are {@code stride} bytes apart, those of the square {@link #ROW_BYTES}. */
        static void transpose(MemorySegment from, long offset, long stride, MemorySegment to, long at) {
            int last = STAGES - 1;
            exchange(from, offset, stride, to, at, 1 << last, BIT[last], SWAP[last]);
            for (int s = last - 1; s >= 0; s--) exchange(to, at, ROW_BYTES, to, at, 1 << s, BIT[s], SWAP[s]);
        }

        private static void exchange(MemorySegment from, long offset, long stride, MemorySegment to, long at, int h,
                VectorMask<Float> bit, VectorShuffle<Float> swap) {
            for (int p = 0; p < W / 2; p++) {
                int r = p + (p & -h); // r is p with a zero put in at bit h
                FloatVector a = get(from, offset + r * stride), b = get(from, offset + (r + h) * stride);
                put(a.blend(b.rearrange(swap), bit), to, at + r * ROW_BYTES);
                put(a.rearrange(swap).blend(b, bit), to, at + (r + h) * ROW_BYTES);
            }
        }
    }
}
