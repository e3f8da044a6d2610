package io.retort.graph;

import io.retort.simd.Epilogue;
import io.retort.simd.Gemm;
import io.retort.simd.Matrix;
import java.lang.foreign.MemorySegment;

/** The memory outside of the arena that plans read and write: parameters, their gradients and constants. */
interface Weights {
    /** A parameter made ready, once, to be the right-hand side of products, in whatever form is best for them. */
    interface Operand {
        /** Computes {@code C = epilogue(A · parameter)}, or with its transpose, as the operand was asked for. */
        void multiply(Gemm gemm, Matrix a, Matrix c, Epilogue epilogue);
    }

    /** Returns the memory of a storage that is no {@link Storage.Buffer}. */
    MemorySegment memory(Storage storage);

    /**
     * Returns the parameter at that place as the right-hand side of a product; null where it is not made ready for
     * products, so that the product packs its operand itself.
     *
     * @param transposed whether the product is with its transpose
     */
    Operand operand(Place place, boolean transposed);

    /**
     * Looks up a row of a parameter that never changes.
     *
     * @throws IllegalArgumentException if there is no matrix of this name
     */
    void row(String parameter, int row, float[] to, int at);
}
