package io.retort.learn;

import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import java.lang.foreign.MemorySegment;

/** Adam (Kingma and Ba 2015); its weight decay is L2 regularisation, part of the gradient. */
public record Adam(Hyperparameters settings) implements Optimizer {
    @Override
    public void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
            MemorySegment first, MemorySegment second, long from, long to) {
        kernels.adam(step, weights, gradients, first, second, from, to);
    }
}
