package io.retort.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Random matrices in memory of their own, laid out in every way that a {@link Matrix} can be. */
final class Matrices {
    private static final float[] HOSTILE = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 0f,
        Float.MIN_VALUE, Float.MAX_VALUE};

    private final Arena arena;
    private final SplittableRandom random;

    Matrices(Arena arena, SplittableRandom random) {
        this.arena = arena;
        this.random = random;
    }

    /** Values of ordinary size. */
    Matrix ordinary(int rows, int columns) {
        return filled(laidOut(rows, columns), 0);
    }

    /** Values among which, by this probability, are such as infinities and NaN. */
    Matrix hostile(int rows, int columns, double probability) {
        return filled(laidOut(rows, columns), probability);
    }

    /** Row-major or transposed, with or without gaps between rows, and columns, and before the first element. */
    private Matrix laidOut(int rows, int columns) {
        if (random.nextBoolean()) return rowMajor(rows, columns);
        return random.nextBoolean() ? rowMajor(columns, rows).transposed() : gapsInColumns(rows, columns);
    }

    private Matrix rowMajor(int rows, int columns) {
        return strided(rows, columns, columns + (random.nextBoolean() ? 0 : random.nextInt(20)), 1);
    }

    private Matrix gapsInColumns(int rows, int columns) {
        int stride = 2 + random.nextInt(3);
        return strided(rows, columns, (long) columns * stride + random.nextInt(4), stride);
    }

    private Matrix strided(int rows, int columns, long rowStride, long columnStride) {
        long before = random.nextInt(4), elements = before;
        if (rows > 0 && columns > 0) elements += (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
        // Exactly as long as needed: a kernel that reads or writes beyond the last element fails.
        MemorySegment memory = arena.allocate(4 * elements, 4);
        for (long i = 0; i < elements; i++) memory.set(Matrix.FLOAT, 4 * i, -7f);
        return new Matrix(memory, 4 * before, rows, columns, rowStride, columnStride);
    }

    private Matrix filled(Matrix matrix, double hostile) {
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) matrix.set(i, j, value(hostile));
        }
        return matrix;
    }

    private float value(double hostile) {
        if (random.nextDouble() < hostile) return HOSTILE[random.nextInt(HOSTILE.length)];
        return (float) (random.nextDouble() - .5);
    }

    MemorySegment vector(int length) {
        MemorySegment memory = arena.allocate(4L * length, 4);
        for (int i = 0; i < length; i++) memory.set(Matrix.FLOAT, 4L * i, value(0));
        return memory;
    }

    /** The same view of a copy of the whole memory. */
    Matrix copy(Matrix matrix) {
        MemorySegment memory = arena.allocate(matrix.memory().byteSize(), 4).copyFrom(matrix.memory());
        return new Matrix(memory, matrix.offset(), matrix.rows(), matrix.columns(), matrix.rowStride(),
                matrix.columnStride());
    }

    /** All floats of a memory, gaps included, NaN all the same. */
    static int[] bits(MemorySegment memory) {
        int[] bits = new int[(int) (memory.byteSize() / 4)];
        for (int i = 0; i < bits.length; i++) bits[i] = Float.floatToIntBits(memory.get(Matrix.FLOAT, 4L * i));
        return bits;
    }
}
