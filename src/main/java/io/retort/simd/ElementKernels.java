package io.retort.simd;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;

/**
 * Runs chains of element-wise operations, in plain Java ({@link ScalarElementKernels}, the specification) or on the
 * Vector API ({@link VectorElementKernels}).
 *
 * <p>Implementations keep no state; any thread may call them.
 */
public sealed interface ElementKernels permits ScalarElementKernels, VectorElementKernels {
    /**
     * Runs a chain on rows {@code [from, to)} of {@code [rows, columns]}. Matrices are little-endian float32 from the
     * segment's start on, without gaps. A chain without {@link Spread#ROW} and {@link Spread#COLUMN} sees no rows: any
     * shape of the same size does.
     *
     * @param inputs    in the chain's order
     * @param outputs   in the chain's order; each may be the same memory as a {@link Spread#FULL} input, but overlap no
     *                  other input and no other output
     * @param registers scratch memory that no other thread uses during the call
     */
    void run(ElementChain chain, MemorySegment[] inputs, MemorySegment[] outputs, int columns, int from, int to,
            ElementRegisters registers);

    /**
     * The implementation that {@link Kernels#PROPERTY} names, chosen as by {@link Kernels#best()}.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    static ElementKernels best() {
        return switch (Kernels.best()) {
            case ScalarKernels _ -> new ScalarElementKernels();
            case VectorKernels _ -> new VectorElementKernels();
        };
    }
}
