package io.retort.simd;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;

/**
 * Rows of an embedding table {@code [vocabulary, dim]} by id, and their gradient, in plain Java
 * ({@link ScalarEmbeddingKernels}, the specification) or on the Vector API ({@link VectorEmbeddingKernels}). Matrices
 * are little-endian float32 from the segment's start on, without gaps.
 *
 * <p>Implementations keep no state; any thread may call them.
 */
public sealed interface EmbeddingKernels permits ScalarEmbeddingKernels, VectorEmbeddingKernels {
    /**
     * Copies row {@code ids[i]} of the table to row i of {@code out [ids.length, dim]}, for i in {@code [from, to)}.
     *
     * @throws IndexOutOfBoundsException if an id is no row of the table
     */
    void gather(MemorySegment table, int[] ids, MemorySegment out, int dim, int from, int to);

    /**
     * Adds row i of {@code gradient [ids.length, dim]} to row {@code ids[i]} of the table's gradient, for every i in
     * order, but only columns {@code [from, to)}: threads share the columns, and the sums are the same bit for bit
     * whatever their number.
     *
     * @throws IndexOutOfBoundsException if an id is no row of the table
     */
    void scatterAdd(MemorySegment gradient, int[] ids, MemorySegment tableGradient, int dim, int from, int to);

    /**
     * The implementation that {@link Kernels#PROPERTY} names, chosen as by {@link Kernels#best()}.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    static EmbeddingKernels best() {
        return switch (Kernels.best()) {
            case ScalarKernels _ -> new ScalarEmbeddingKernels();
            case VectorKernels _ -> new VectorEmbeddingKernels();
        };
    }
}
