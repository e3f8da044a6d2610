package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The epilogue of one register tile, over its sums in the level 1 cache. Most tiles are {@linkplain WholeTile whole}; at
 * ragged edges there is a pass for each step, and where a matrix has gaps between columns it is gone through by
 * elements, which gives the same bits.
 */
final class TileFinish {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;

    private TileFinish() {
    }

    /**
     * Stores {@code epilogue(sums)}, all but the activation, into C from (row, column) on.
     *
     * @param sums of the tile, {@code [rows, width]}, of which the first {@code columns} columns are meant
     */
    static void finish(float[] sums, int width, int rows, int columns, Matrix c, Epilogue epilogue, int row,
            int column) {
        if (epilogue.scale() != 1) scale(sums, rows * width, epilogue.scale());
        if (columns == width && isDense(c) && (epilogue.addend() == null || isDense(epilogue.addend()))) {
            WholeTile.store(sums, width, rows, c, epilogue.bias(), epilogue.addend(), row, column);
            return;
        }
        if (epilogue.bias() != null) add(sums, width, rows, columns, epilogue.bias(), 4L * column, 0);
        if (epilogue.addend() != null) add(sums, width, rows, columns, epilogue.addend(), row, column);
        store(sums, width, rows, columns, c, row, column);
    }

    private static boolean isDense(Matrix matrix) {
        return matrix.columnStride() == 1;
    }

    private static void scale(float[] sums, int length, float scale) {
        for (int i = 0; i < length; i += W) FloatVector.fromArray(S, sums, i).mul(scale).intoArray(sums, i);
    }

    private static void add(float[] sums, int width, int rows, int columns, Matrix addend, int row, int column) {
        long from = addend.offset(row, column);
        if (addend.columnStride() == 1) add(sums, width, rows, columns, addend.memory(), from, addend.rowBytes());
        else addElements(sums, width, rows, columns, addend, from);
    }

    private static void addElements(float[] sums, int width, int rows, int columns, Matrix addend, long from) {
        MemorySegment memory = OffHeap.of(addend.memory());
        for (int i = 0; i < rows; i++) {
            long x = from + i * addend.rowBytes();
            for (int j = 0; j < columns; j++) {
                sums[i * width + j] += memory.get(Matrix.FLOAT, x + j * addend.columnBytes());
            }
        }
    }

    /** Adds rows that are {@code rowBytes} apart, none for a bias. */
    private static void add(float[] sums, int width, int rows, int columns, MemorySegment addend, long from,
            long rowBytes) {
        for (int j = 0; j < columns; j += W) {
            if (j + W <= columns) addColumns(sums, width, j, rows, addend, from + 4L * j, rowBytes);
            else addColumns(sums, width, j, rows, addend, from + 4L * j, rowBytes, S.indexInRange(j, columns));
        }
    }

    private static void addColumns(float[] sums, int width, int at, int rows, MemorySegment addend, long from,
            long rowBytes) {
        for (int i = 0; i < rows; i++) {
            FloatVector x = get(addend, from + i * rowBytes);
            FloatVector.fromArray(S, sums, at + i * width).add(x).intoArray(sums, at + i * width);
        }
    }

    private static void addColumns(float[] sums, int width, int at, int rows, MemorySegment addend, long from,
            long rowBytes,
            VectorMask<Float> columns) {
        for (int i = 0; i < rows; i++) {
            FloatVector x = get(addend, from + i * rowBytes, columns);
            FloatVector.fromArray(S, sums, at + i * width).add(x).intoArray(sums, at + i * width);
        }
    }

    private static void store(float[] sums, int width, int rows, int columns, Matrix c, int row, int column) {
        long to = c.offset(row, column);
        if (c.columnStride() != 1) {
            storeElements(sums, width, rows, columns, c, to);
            return;
        }
        for (int j = 0; j < columns; j += W) {
            if (j + W <= columns) storeColumns(sums, width, j, rows, c.memory(), to + 4L * j, c.rowBytes());
            else storeColumns(sums, width, j, rows, c.memory(), to + 4L * j, c.rowBytes(), S.indexInRange(j, columns));
        }
    }

    private static void storeColumns(float[] sums, int width, int at, int rows, MemorySegment c, long to,
            long rowBytes) {
        for (int i = 0; i < rows; i++) {
            put(FloatVector.fromArray(S, sums, at + i * width), c, to + i * rowBytes);
        }
    }

    private static void storeColumns(float[] sums, int width, int at, int rows, MemorySegment c, long to, long rowBytes,
            VectorMask<Float> columns) {
        for (int i = 0; i < rows; i++) {
            put(FloatVector.fromArray(S, sums, at + i * width), c, to + i * rowBytes, columns);
        }
    }

    private static void storeElements(float[] sums, int width, int rows, int columns, Matrix c, long to) {
        MemorySegment memory = OffHeap.of(c.memory());
        for (int i = 0; i < rows; i++) {
            long x = to + i * c.rowBytes();
            for (int j = 0; j < columns; j++) {
                memory.set(Matrix.FLOAT, x + j * c.columnBytes(), sums[i * width + j]);
            }
        }
    }

    /**
     * The epilogue of a register tile none of whose columns is cut off, in one pass for all steps: with few columns of A a
     * pass for each takes a tenth of the product's time.
     */
    private static final class WholeTile {
        private static final VectorSpecies<Float> S = Lanes.FLOATS;
        private static final int W = Lanes.COUNT;
        private static final int COLUMNS = RegisterTile.COLUMNS;

        private WholeTile() {
        }

        /** {@code C = sums + bias + addend}, of which the last two may be null, from (row, column) on. */
        static void store(float[] sums, int width, int rows, Matrix c, MemorySegment bias, Matrix addend, int row,
                int column) {
            for (int j = 0; j < width; j += COLUMNS) {
                long to = c.offset(row, column + j), of = 4L * (column + j);
                if (addend != null) {
                    long from = addend.offset(row, column + j);
                    if (bias == null) add(sums, j, width, rows, addend, from, c, to);
                    else add(sums, j, width, rows, bias, of, addend, from, c, to);
                } else if (bias != null) {
                    add(sums, j, width, rows, bias, of, c, to);
                } else {
                    copy(sums, j, width, rows, c, to);
                }
            }
        }

        private static void copy(float[] sums, int at, int width, int rows, Matrix c, long to) {
            MemorySegment memory = c.memory();
            long rowBytes = c.rowBytes();
            for (int i = 0; i < rows; i++) {
                int s = at + i * width;
                put(sum(sums, s), memory, to + i * rowBytes);
                put(sum(sums, s + W), memory, to + i * rowBytes + 4L * W);
            }
        }

        private static void add(float[] sums, int at, int width, int rows, MemorySegment bias, long of, Matrix c,
                long to) {
            MemorySegment memory = c.memory();
            long rowBytes = c.rowBytes();
            FloatVector left = get(bias, of), right = get(bias, of + 4L * W);
            for (int i = 0; i < rows; i++) {
                int s = at + i * width;
                put(sum(sums, s).add(left), memory, to + i * rowBytes);
                put(sum(sums, s + W).add(right), memory, to + i * rowBytes + 4L * W);
            }
        }

        private static void add(float[] sums, int at, int width, int rows, Matrix addend, long from, Matrix c,
                long to) {
            MemorySegment memory = c.memory(), added = addend.memory();
            long rowBytes = c.rowBytes(), addedBytes = addend.rowBytes();
            for (int i = 0; i < rows; i++) {
                int s = at + i * width;
                long x = from + i * addedBytes;
                put(sum(sums, s).add(get(added, x)), memory, to + i * rowBytes);
                put(sum(sums, s + W).add(get(added, x + 4L * W)), memory, to + i * rowBytes + 4L * W);
            }
        }

        private static void add(float[] sums, int at, int width, int rows, MemorySegment bias, long of, Matrix addend,
                long from, Matrix c, long to) {
            MemorySegment memory = c.memory(), added = addend.memory();
            long rowBytes = c.rowBytes(), addedBytes = addend.rowBytes();
            FloatVector left = get(bias, of), right = get(bias, of + 4L * W);
            for (int i = 0; i < rows; i++) {
                int s = at + i * width;
                long x = from + i * addedBytes;
                put(sum(sums, s).add(left).add(get(added, x)), memory, to + i * rowBytes);
                put(sum(sums, s + W).add(right).add(get(added, x + 4L * W)), memory, to + i * rowBytes + 4L * W);
            }
        }

        private static FloatVector sum(float[] sums, int at) {
            return FloatVector.fromArray(S, sums, at);
        }
    }
}
