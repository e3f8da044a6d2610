package io.retort.learn;

import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import java.lang.foreign.MemorySegment;

/**
 * Adam with the infinity norm in the second moment's place (Kingma and Ba 2015, section 7.1), which the paper's released
 * recipe trains with; its weight decay is L2 regularisation.
 */
public record Adamax(Hyperparameters settings) implements Optimizer {
    @Override
    public void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
            MemorySegment first, MemorySegment second, long from, long to) {
        kernels.adamax(step, weights, gradients, first, second, from, to);
    }
}
