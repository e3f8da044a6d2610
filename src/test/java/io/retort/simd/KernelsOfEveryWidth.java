package io.retort.simd;

import java.util.List;

/** The kernels that tests of other rooms run with: the specification first, then the vector kernels of every width. */
public final class KernelsOfEveryWidth {
    private KernelsOfEveryWidth() {
    }

    public static List<Kernels> all() {
        return List.of(new ScalarKernels(), new VectorKernels(128), new VectorKernels(256), new VectorKernels(512));
    }
}
