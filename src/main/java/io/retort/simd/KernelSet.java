package io.retort.simd;

import io.retort.files.BadInput;

/**
 * The kernels that a program computes with. Matrices packed by those of one set are read by those of the other.
 */
public record KernelSet(MatrixKernels matrices, RowKernels rows, ElementKernels elements) {
    /**
     * The kernels that {@link Kernels#PROPERTY} names, by default the fastest that this JVM can run.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    public static KernelSet best() {
        return new KernelSet(MatrixKernels.best(), RowKernels.best(), ElementKernels.best());
    }

    /**
     * Kernels in plain Java, which are the fastest while the JVM has not compiled those of {@link #best} yet. Products
     * have the same bits; activations and functions of rows may differ in their last digits.
     */
    public static KernelSet plain() {
        return new KernelSet(new PlainMatrixKernels(MatrixKernels.best().panelColumns()), new ScalarRowKernels(),
                new ScalarElementKernels());
    }
}
