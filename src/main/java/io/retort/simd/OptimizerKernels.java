package io.retort.simd;

import io.retort.files.BadInput;
import java.lang.foreign.MemorySegment;

/**
 * Steps of optimisers over flat buffers of float32, fused into one pass each, in plain Java
 * ({@link ScalarOptimizerKernels}, the specification) or on the Vector API ({@link VectorOptimizerKernels}). The rules
 * are PyTorch's.
 *
 * <p>All buffers of a call have the same layout; it works on elements {@code [from, to)}, so that threads may share
 * them. Gradients are not changed. g is the gradient times {@link OptimizerStep#gradientScale}.
 *
 * <p>Implementations keep no state; any thread may call them.
 */
public sealed interface OptimizerKernels permits ScalarOptimizerKernels, VectorOptimizerKernels {
    /** The sum of the squares of elements {@code [from, to)}, added in double precision; clipping by norm needs it. */
    double sumOfSquares(MemorySegment gradients, long from, long to);

    /** Stochastic gradient descent with L2 regularisation: {@code g += decay p; p -= rate g}. */
    void sgd(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, long from, long to);

    /**
     * Adam with L2 regularisation: {@code g += decay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
     * p -= rate / correction1 m / (sqrt(v) / sqrt(correction2) + epsilon)}.
     *
     * @param first  m
     * @param second v
     */
    void adam(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment second, long from, long to);

    /**
     * AdamW, which decays weights apart from the gradient: {@code p *= 1 - rate decay} first, then the step of {@link
     * #adam} without decay.
     */
    void adamW(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment second, long from, long to);

    /**
     * Adamax: {@code g += decay p; m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + epsilon);
     * p -= rate / correction1 m / u}.
     *
     * @param first m
     * @param norm  u
     */
    void adamax(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment norm, long from, long to);

    /**
     * The implementation that {@link Kernels#PROPERTY} names, chosen as by {@link Kernels#best()}.
     *
     * @throws BadInput if the property names none, or asks for {@code vector} where it cannot run
     */
    static OptimizerKernels best() {
        return switch (Kernels.best()) {
            case ScalarKernels _ -> new ScalarOptimizerKernels();
            case VectorKernels _ -> new VectorOptimizerKernels();
        };
    }
}
