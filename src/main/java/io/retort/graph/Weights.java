package io.retort.graph;

import io.retort.simd.PackedMatrix;
import java.lang.foreign.MemorySegment;

/** The memory outside of the arena that plans read and write: parameters, their gradients, constants. */
interface Weights {
    /** Memory of a storage that is no {@link Storage.Buffer}. */
    MemorySegment memory(Storage storage);

    /**
     * The parameter there as the right-hand side of a product, packed once and for all; null where it changes between
     * runs, so that it must be packed anew, or is no parameter.
     *
     * @param transposed whether the product is with its transpose
     */
    PackedMatrix packed(Place place, boolean transposed);
}
