package io.retort.graph;

import io.retort.simd.PackedMatrix;
import java.lang.foreign.MemorySegment;

/** The memory outside of the arena that plans read and write: parameters, their gradients, constants. */
interface Weights {
    /** Memory of a storage that is no {@link Storage.Buffer}. */
    MemorySegment memory(Storage storage);

    /**
     * The parameter there as the right-hand side of a product, packed once and for all; null where there is none, so
     * that the product packs its operand itself.
     *
     * @param transposed whether the product is with its transpose
     */
    PackedMatrix packed(Place place, boolean transposed);
}
