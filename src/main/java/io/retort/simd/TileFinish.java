package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The epilogue of one register tile: a pass over its sums, in the level 1 cache, for each step that there is. Passes
 * over whole vectors where columns have no gaps and the tile is not cut off, else over elements; the same bits.
 */
final class TileFinish {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;
    private static final int COLUMNS = RegisterTile.COLUMNS;

    private TileFinish() {
    }

    /**
     * Stores {@code epilogue(sums)} into C from (row, column) on.
     *
     * @param sums of the tile, {@code [rows, COLUMNS]}, of which {@code columns} are meant
     */
    static void finish(float[] sums, int rows, int columns, Matrix c, Epilogue epilogue, int row, int column) {
        boolean whole = columns == COLUMNS;
        if (epilogue.scale() != 1) scale(sums, rows * COLUMNS, epilogue.scale());
        if (epilogue.bias() != null) {
            long from = 4L * column;
            if (whole) addBias(sums, rows, epilogue.bias(), from);
            else addBias(sums, rows, columns, epilogue.bias(), from);
        }
        if (epilogue.addend() != null) {
            Matrix addend = epilogue.addend();
            long from = addend.offset(row, column);
            if (whole && addend.columnStride() == 1) add(sums, rows, addend.memory(), from, addend.rowBytes());
            else add(sums, rows, columns, addend, from);
        }
        activate(sums, rows * COLUMNS, epilogue.activation());
        long to = c.offset(row, column);
        if (whole && c.columnStride() == 1) store(sums, rows, c.memory(), to, c.rowBytes());
        else store(sums, rows, columns, c, to);
    }

    private static void scale(float[] sums, int length, float scale) {
        for (int i = 0; i < length; i += W) FloatVector.fromArray(S, sums, i).mul(scale).intoArray(sums, i);
    }

    private static void addBias(float[] sums, int rows, MemorySegment bias, long from) {
        FloatVector x = FloatVector.fromMemorySegment(S, bias, from, LITTLE_ENDIAN);
        FloatVector y = FloatVector.fromMemorySegment(S, bias, from + 4L * W, LITTLE_ENDIAN);
        for (int i = 0; i < rows * COLUMNS; i += COLUMNS) {
            FloatVector.fromArray(S, sums, i).add(x).intoArray(sums, i);
            FloatVector.fromArray(S, sums, i + W).add(y).intoArray(sums, i + W);
        }
    }

    private static void addBias(float[] sums, int rows, int columns, MemorySegment bias, long from) {
        for (int j = 0; j < columns; j++) {
            float x = bias.get(Matrix.FLOAT, from + 4L * j);
            for (int i = 0; i < rows; i++) sums[i * COLUMNS + j] += x;
        }
    }

    private static void add(float[] sums, int rows, MemorySegment addend, long from, long rowBytes) {
        for (int i = 0; i < rows; i++) {
            long x = from + i * rowBytes;
            int s = i * COLUMNS;
            FloatVector.fromArray(S, sums, s).add(FloatVector.fromMemorySegment(S, addend, x, LITTLE_ENDIAN))
                    .intoArray(sums, s);
            FloatVector.fromArray(S, sums, s + W)
                    .add(FloatVector.fromMemorySegment(S, addend, x + 4L * W, LITTLE_ENDIAN)).intoArray(sums, s + W);
        }
    }

    private static void add(float[] sums, int rows, int columns, Matrix addend, long from) {
        for (int i = 0; i < rows; i++) {
            long x = from + i * addend.rowBytes();
            for (int j = 0; j < columns; j++) {
                sums[i * COLUMNS + j] += addend.memory().get(Matrix.FLOAT, x + j * addend.columnBytes());
            }
        }
    }

    private static void activate(float[] sums, int length, Activation activation) {
        if (activation == Activation.NONE) return;
        for (int i = 0; i < length; i++) sums[i] = activation.of(sums[i]);
    }

    private static void store(float[] sums, int rows, MemorySegment c, long to, long rowBytes) {
        for (int i = 0; i < rows; i++) {
            long x = to + i * rowBytes;
            FloatVector.fromArray(S, sums, i * COLUMNS).intoMemorySegment(c, x, LITTLE_ENDIAN);
            FloatVector.fromArray(S, sums, i * COLUMNS + W).intoMemorySegment(c, x + 4L * W, LITTLE_ENDIAN);
        }
    }

    private static void store(float[] sums, int rows, int columns, Matrix c, long to) {
        for (int i = 0; i < rows; i++) {
            long x = to + i * c.rowBytes();
            for (int j = 0; j < columns; j++) {
                c.memory().set(Matrix.FLOAT, x + j * c.columnBytes(), sums[i * COLUMNS + j]);
            }
        }
    }
}
