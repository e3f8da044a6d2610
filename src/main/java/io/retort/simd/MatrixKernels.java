package io.retort.simd;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;

/**
 * Products of float32 matrices, in plain Java ({@link ScalarMatrixKernels}, the specification) or on the Vector API
 * ({@link VectorMatrixKernels}). Most callers want {@link Gemm}, which shares a product among threads.
 *
 * <p>The right-hand side B {@code [K, N]} is <em>packed</em> first, into panels of {@link #panelColumns()} columns, each
 * panel {@code [K, panelColumns]} row-major and padded with zeros; a panel is read from one end to the other. The
 * left-hand side A {@code [M, K]} may have any strides.
 *
 * <p><b>Element (i, j) of a product</b> is {@code sum = fma(a[i, k], b[k, j], sum)} from {@code sum = 0f} for k = 0, 1,
 * ... in this order, each {@value #SPAN} columns of A by themselves and these sums added up in their order, then
 * {@code activation(sum * scale + bias[j] + addend[i, j])}, each operation rounded, those without operand left out. So
 * products have the same bits with scalar and vector kernels, at every vector width, however they
 * are split; only activations differ, by a few units in the last place.
 *
 * <p>Implementations keep no state; any thread may call them, each with a {@link Scratch} of its own.
 */
public sealed interface MatrixKernels permits ScalarMatrixKernels, PlainMatrixKernels, VectorMatrixKernels {
    /**
     * Columns of A whose products are summed up before the next ones are looked at: so the panels of a tile stay in the
     * level 2 cache however deep a product is, and with them enough rows of A.
     */
    int SPAN = 1024;

    /** The short name of these kernels, for {@code retort doctor} and logs: {@code scalar}, {@code vector-512}, ... */
    String name();

    /** Rows of C that are computed at once: blocks of rows should be multiples. */
    int tileRows();

    /** Panels that are multiplied at once: groups of panels should be multiples. */
    default int tilePanels() {
        return 1;
    }

    /** Columns of one panel of a packed matrix. */
    int panelColumns();

    /** Number of panels of a packed matrix with so many columns; the last one may be padded. */
    default int panels(int columns) {
        return Math.ceilDiv(columns, panelColumns());
    }

    /** Bytes that a matrix {@code [rows, columns]} takes when it is packed. */
    default long packedBytes(int rows, int columns) {
        return (long) Float.BYTES * panelColumns() * rows * panels(columns);
    }

    /**
     * Packs some panels of a right-hand side.
     *
     * @param b  {@code [K, N]} with any strides: {@code w.transposed()} packs for {@code x wT}
     * @param to {@code [packedBytes(K, N)]}, receives panels {@code [fromPanel, toPanel)} at their places
     */
    void pack(Matrix b, MemorySegment to, int fromPanel, int toPanel);

    /**
     * Packs panels as {@link #pack} does, for what is packed once while a program starts: over before the JVM has
     * compiled vector code, which until then is far slower than plain Java.
     */
    default void packAtStart(Matrix b, MemorySegment to, int fromPanel, int toPanel) {
        pack(b, to, fromPanel, toPanel);
    }

    /**
     * Computes one block of {@code C = epilogue(A B)}.
     *
     * @param a {@code [M, K]}, any strides
     * @param b {@code [K, N]}, packed by kernels with the same {@link #panelColumns()}
     * @param c {@code [M, N]}, any strides; columns without gaps are faster. Overlaps neither a nor b
     */
    void multiply(Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue, Block block, Scratch scratch);

    /** The kernels of the same kind for matrices of quantised weights. */
    BlockKernels blocks();

    /**
     * The implementation that {@value Kernels#PROPERTY} names, chosen as by {@link Kernels#best()}.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    static MatrixKernels best() {
        if (Kernels.best() instanceof VectorKernels) return new VectorMatrixKernels();
        return Kernels.arePlain() ? new PlainMatrixKernels(16) : new ScalarMatrixKernels();
    }
}
