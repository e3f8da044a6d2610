package io.retort.learn;

import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import java.lang.foreign.MemorySegment;

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
public record AdamW(Hyperparameters settings) implements Optimizer {
    /** The rule with PyTorch's defaults, of which the weight decay is 0.01. */
    public AdamW() {
        this(Hyperparameters.withDecay(0.01));
    }

    @Override
    public void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
            MemorySegment first, MemorySegment second, long from, long to) {
        kernels.adamW(step, weights, gradients, first, second, from, to);
    }
}
