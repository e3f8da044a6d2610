package io.retort.graph;

import io.retort.simd.PackedMatrix;
import java.lang.foreign.MemorySegment;

/** The memory outside of the arena that plans read and write: parameters, their gradients and constants. */
interface Weights {
    /** Returns the memory of a storage that is no {@link Storage.Buffer}. */
    MemorySegment memory(Storage storage);

    /**
     * Returns the parameter at that place packed as the right-hand side of a product; null where it is not packed, so
     * that the product packs its operand itself.
     *
     * @param transposed whether the product is with its transpose
     */
    PackedMatrix packed(Place place, boolean transposed);
}
