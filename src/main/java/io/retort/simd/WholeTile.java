package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The epilogue of a register tile none of whose columns is cut off, in one pass for all steps: with few columns of A a
 * pass for each takes a tenth of the product's time.
 */
final class WholeTile {
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

    private static void add(float[] sums, int at, int width, int rows, Matrix addend, long from, Matrix c, long to) {
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
