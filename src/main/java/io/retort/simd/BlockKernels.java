package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Products with weights kept in blocks, in plain Java ({@link ScalarBlockKernels}, the specification) or on the Vector
 * API ({@code VectorBlockKernels}). {@link Gemm} shares them among threads.
 *
 * <p><b>Activations</b> are quantised a chunk of a row at a time ({@link BlockLayout#chunk()} columns): with
 * {@code t = max |a|} of the chunk, its codes are {@code r = a * (127 / t)} rounded to the nearest integer, ties to even,
 * its scale {@code s = t / 127}. A chunk with {@code t < 2^-100} counts as zeros.
 *
 * <p><b>Element (i, j) of a product</b> of A {@code [M, K]} and weights {@code [N, K]} is, from {@code sum = 0f} and over
 * the chunks in their order, {@code sum = fma(D * s, S, sum)}, where D, an integer, is the sum of the chunk's products
 * of r and the weights' factors, and S scales these ({@link BlockLayout#factor}); where chunks have two terms, first the
 * upper one. Then, where weights have a summand m ({@link BlockLayout#factorMin}),
 * {@code sum = fma((sum of r) * s, m, sum)}. Last comes the epilogue, as {@link MatrixKernels} defines it. Operations
 * are of floats, each rounded; D and sums of r are exact. So a row's results are the same bits with scalar and vector
 * kernels, at every width, however products are split, and <em>whatever other rows there are</em>: there is no other
 * path for many rows.
 *
 * <p>A row's codes lie in memory chunk by chunk: pairs of 16-bit codes, the two starts of sums (minus the codes' sum
 * times {@link BlockLayout#zero(int)}, even columns in the lower half, odd ones in the upper one), s, and the sum of r
 * times s.
 *
 * <p>Implementations keep no state; any thread may call them, each with a {@link Scratch} of its own.
 */
sealed interface BlockKernels permits ScalarBlockKernels {
    /** The largest code of an activation. */
    float MOST = 127;
    /** A chunk whose activations are all smaller is taken as zeros. */
    float LEAST = 0x1p-100f;
    /** Added to a float of less than 2^22, it leaves the integer that is nearest in the lower bits. */
    float ROUNDER = 0x1.8p23f;
    /** 32-bit words of a chunk of codes beyond those of the codes. */
    int EXTRA = 4;

    /** 32-bit words of a chunk of a row's codes. */
    static int chunkWords(BlockLayout layout) {
        return layout.chunk() / 2 + EXTRA;
    }

    /** Bytes of a row's codes. */
    static long rowBytes(BlockLayout layout, int columns) {
        return (long) Integer.BYTES * (columns / layout.chunk()) * chunkWords(layout);
    }

    /** Rows of A that are multiplied at once. */
    int tileRows();

    /** Columns of a panel of C, which are rows of B. */
    int panelColumns();

    /**
     * Quantises rows {@code [fromRow, toRow)} of A for weights of this layout.
     *
     * @param to receives the rows' codes at their places
     */
    void quantize(Matrix a, int fromRow, int toRow, BlockLayout layout, MemorySegment to);

    /**
     * Computes one block of {@code C = epilogue(A BT)}, panels being of {@link #panelColumns()} columns.
     *
     * @param codes of the rows of A
     */
    void multiply(MemorySegment codes, BlockMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch);

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
