package io.retort.learn;

import io.retort.graph.TrainableBuffer;
import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import io.retort.simd.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A rule by which weights follow their gradients, with its numbers; PyTorch's rules and names. Each keeps two moments
 * of every weight, which are an {@link OptimizerState}'s. Immutable.
 */
public sealed interface Optimizer {
    Hyperparameters settings();

    /**
     * Updates the weights and moments of elements {@code [from, to)} by one step; all buffers have the same layout.
     *
     * @param first  moment
     * @param second moment, or the infinity norm in its place
     */
    void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
            MemorySegment first, MemorySegment second, long from, long to);

    /**
     * The hyperparameters that all rules share.
     *
     * @param beta1       decay of the first moment, in [0, 1)
     * @param beta2       decay of the second moment or the infinity norm, in [0, 1)
     * @param epsilon     keeps divisors from 0; more than 0
     * @param weightDecay 0 for none
     * @param decayed     which weights decay
     */
    record Hyperparameters(double beta1, double beta2, double epsilon, double weightDecay, DecayedWeights decayed) {
        public Hyperparameters {
            require(beta1 >= 0 && beta1 < 1, "beta1", beta1);
            require(beta2 >= 0 && beta2 < 1, "beta2", beta2);
            require(epsilon > 0 && epsilon < 1, "epsilon", epsilon);
            require(weightDecay >= 0 && weightDecay <= 1, "weight decay", weightDecay);
        }

        private static void require(boolean holds, String name, double value) {
            if (!holds) throw new IllegalArgumentException(name + " " + value);
        }

        /** PyTorch's defaults with another decay: β 0.9 and 0.999, ε 1e-8, everything decays. */
        public static Hyperparameters withDecay(double weightDecay) {
            return new Hyperparameters(0.9, 0.999, 1e-8, weightDecay, DecayedWeights.ALL);
        }
    }

    /** Creates the state for training these buffers by this rule, with all moments zero. */
    default OptimizerState over(List<TrainableBuffer> buffers, WorkerPool pool) {
        return new OptimizerState(this, buffers, pool);
    }

    /** Adam (Kingma and Ba 2015); its weight decay is L2 regularisation, part of the gradient. */
    record Adam(Hyperparameters settings) implements Optimizer {
        @Override
        public void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
                MemorySegment first, MemorySegment second, long from, long to) {
            kernels.adam(step, weights, gradients, first, second, from, to);
        }
    }

    /** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
    record AdamW(Hyperparameters settings) implements Optimizer {
        /** AdamW with PyTorch's default hyperparameters, among them a weight decay of 0.01. */
        public AdamW() {
            this(Hyperparameters.withDecay(0.01));
        }

        @Override
        public void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
                MemorySegment first, MemorySegment second, long from, long to) {
            kernels.adamW(step, weights, gradients, first, second, from, to);
        }
    }

    /**
     * Adam with the infinity norm in the second moment's place (Kingma and Ba 2015, section 7.1), which the paper's
     * released recipe trains with; its weight decay is L2 regularisation.
     */
    record Adamax(Hyperparameters settings) implements Optimizer {
        @Override
        public void update(OptimizerKernels kernels, OptimizerStep step, MemorySegment weights, MemorySegment gradients,
                MemorySegment first, MemorySegment second, long from, long to) {
            kernels.adamax(step, weights, gradients, first, second, from, to);
        }
    }
}
