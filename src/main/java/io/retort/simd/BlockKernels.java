package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products with weights kept in blocks, in plain Java ({@link ScalarBlockKernels}, the specification) or on the Vector
 * API ({@link VectorBlockKernels}). {@link Gemm} shares them among threads.
 *
 * <p><b>Activations</b> are quantised a chunk of a row at a time ({@link BlockLayout#chunk()} columns): with
 * {@code t = max |a|} of the chunk, its codes are {@code r = a * (127 / t)} rounded to the nearest integer, ties to even,
 * its scale {@code s = t / 127}. A chunk with {@code t < 2^-100} counts as zeros.
 *
 * <p><b>Element (i, j) of a product</b> of A {@code [M, K]} and weights {@code [N, K]} is computed from
 * {@code sum = 0f} over chunks in order, {@code sum = fma(D * s, S, sum)}, where D, an integer, is the sum of the chunk's
 * products of r and the weights' factors, and S scales these ({@link BlockLayout#factor}); where chunks have two terms,
 * first the upper one. Where weights have a summand m ({@link BlockLayout#factorMin}), another sum is made of
 * {@code least = fma((sum of r) * s, m, least)}, from 0f on over chunks in order, and {@code sum + least} is the product.
 * Last comes the epilogue, as {@link MatrixKernels} defines it. Operations are of floats, each rounded; D and sums of r are exact. So a
 * row's results are the same bits with scalar and vector kernels, at every width, however products are split, and
 * <em>whatever other rows there are</em>: there is no other path for many rows.
 *
 * <p>A row of A lies quantised in integers term by term of its chunks, so that both terms of a chunk have the same codes:
 * first all pairs of 16-bit codes, an even column in the lower half; then for each term its start, which is minus the
 * sums of its codes times {@link BlockLayout#zero(int)}, even columns in the lower half; s; and s times the sum of r.
 * Rows come {@value #TILE} at a time, the integers of a tile's rows side by side; what rows remain lie by themselves, or
 * in a tile that is not full. Behind all rows there is room for the coefficients of those by themselves
 * ({@link LongBlockRow}).
 *
 * <p>Implementations keep no state; any thread may call them, each with a {@link Scratch} of its own.
 */
sealed interface BlockKernels permits ScalarBlockKernels, VectorBlockKernels {
    /** Columns whose weights are unpacked at a time: 8 KB of codes with vectors of 256 bits. A multiple of all blocks. */
    int SPAN = 256;
    /** Rows of A that are multiplied at once. */
    int TILE = 4;
    /** The largest code of an activation. */
    float MOST = 127;
    /** A chunk whose activations are all smaller is taken as zeros. */
    float LEAST = 0x1p-100f;
    /** Added to a float of less than 2^22, it leaves the integer that is nearest in the lower bits. */
    float ROUNDER = 0x1.8p23f;
    /** Integers of a term beyond its codes: its start, its scale, and the scaled sum of its codes. */
    int EXTRA = 3;

    /** Terms of a row. */
    static int terms(BlockLayout layout, int columns) {
        return columns / layout.chunk() * layout.terms();
    }

    /** Integers of a row's codes, behind which the terms' starts and scales are. */
    static int codeWords(BlockLayout layout, int columns) {
        return layout.chunk() / 2 * terms(layout, columns);
    }

    /** Integers of a row, quantised. */
    static int rowWords(BlockLayout layout, int columns) {
        return codeWords(layout, columns) + EXTRA * terms(layout, columns);
    }

    /** Rows of A, of so many, that lie in tiles. */
    static int tiled(int rows) {
        return rows % TILE == TILE - 1 ? rows : rows / TILE * TILE;
    }

    /** Integers of so many rows, quantised. */
    static int words(BlockLayout layout, int columns, int rows) {
        return Math.addExact(coefficients(layout, columns, rows, tiled(rows)),
                Math.multiplyExact(coefficientWords(layout, columns), Math.max(0, rows - tiled(rows))));
    }

    /** Integers of the coefficients of a row. */
    private static int coefficientWords(BlockLayout layout, int columns) {
        return columns / layout.chunk() * layout.coefficients();
    }

    /** Where the coefficients of a row begin, of those that lie by themselves. */
    static int coefficients(BlockLayout layout, int columns, int rows, int row) {
        int all = Math.multiplyExact(rowWords(layout, columns), rows + (tiled(rows) % TILE == 0 ? 0 : 1));
        return Math.addExact(all, coefficientWords(layout, columns) * (row - tiled(rows)));
    }

    /** Columns of a panel of C, which are rows of B. */
    int panelColumns();

    /**
     * Quantises rows {@code [fromRow, toRow)} of A for weights of this layout.
     *
     * @param to {@link #words} of all rows, receives the rows at their places
     */
    void quantize(Matrix a, int fromRow, int toRow, BlockLayout layout, int[] to);

    /**
     * Puts a row, quantised, at its place.
     *
     * @param row  its integers
     * @param rows number of all rows
     */
    static void place(int[] row, int number, int rows, int[] to) {
        if (number >= tiled(rows)) {
            System.arraycopy(row, 0, to, number * row.length, row.length);
            return;
        }
        int at = number / TILE * TILE * row.length + number % TILE;
        for (int i = 0; i < row.length; i++) to[at + TILE * i] = row[i];
    }

    /** Copies a row, quantised, from its place. */
    static void take(int[] from, int number, int rows, int[] row) {
        boolean tiled = number < tiled(rows);
        int at = tiled ? number / TILE * TILE * row.length + number % TILE : number * row.length;
        for (int i = 0; i < row.length; i++) row[i] = from[at + (tiled ? TILE * i : i)];
    }

    /**
     * Computes one block of {@code C = epilogue(A BT)}, panels being of {@link #panelColumns()} columns.
     *
     * @param codes of the rows of A
     */
    void multiply(int[] codes, BlockMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch);

    /**
     * Decodes rows {@code [fromRow, toRow)} of B to floats, as the right-hand side {@code [K, toRow - fromRow]} of a
     * product; the first of them begins a panel.
     */
    void decode(BlockMatrix b, int fromRow, int toRow, PackedMatrix to);

    /**
     * Decodes a part of B to floats, as the right-hand side {@code [toRow - fromRow, toColumn - fromColumn]} of a
     * product.
     */
    default void decodeBack(BlockMatrix b, int fromRow, int toRow, int fromColumn, int toColumn, PackedMatrix to) {
        int panel = to.panelColumns(), wide = b.layout().columns(), depth = toRow - fromRow;
        int[] words = new int[b.layout().planes()];
        float[] values = new float[Math.ceilDiv(Math.max(wide, panel), panel) * panel];
        for (int row = fromRow; row < toRow; row++) {
            b.words(row, fromColumn / wide, words);
            b.layout().decode(words, values, 0);
            Arrays.fill(values, toColumn - fromColumn, values.length, 0);
            for (int j = 0; j < toColumn - fromColumn; j += panel) {
                long at = (long) Float.BYTES * panel * ((long) (j / panel) * depth + row - fromRow);
                MemorySegment.copy(values, j, to.memory(), Matrix.FLOAT, at, panel);
            }
        }
    }
}
