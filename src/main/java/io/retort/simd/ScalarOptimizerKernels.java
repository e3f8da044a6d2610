package io.retort.simd;

import static io.retort.simd.Floats.get;
import static io.retort.simd.Floats.set;

import java.lang.foreign.MemorySegment;

/** The specification of {@link OptimizerKernels} in plain Java, in float32 and in PyTorch's order of operations. */
public final class ScalarOptimizerKernels implements OptimizerKernels {
    @Override
    public double sumOfSquares(MemorySegment gradients, long from, long to) {
        Extents.elements(from, to, gradients);
        double sum = 0;
        for (long i = from; i < to; i++) {
            double g = get(gradients, i);
            sum += g * g;
        }
        return sum;
    }

    @Override
    public void sgd(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, long from, long to) {
        Extents.elements(from, to, parameters, gradients);
        for (long i = from; i < to; i++) {
            float p = get(parameters, i);
            float g = get(gradients, i) * step.gradientScale() + step.weightDecay() * p;
            set(parameters, i, p - step.learningRate() * g);
        }
    }

    @Override
    public void adam(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment second, long from, long to) {
        Extents.elements(from, to, parameters, gradients, first, second);
        for (long i = from; i < to; i++) {
            float p = get(parameters, i), g = get(gradients, i) * step.gradientScale() + step.weightDecay() * p;
            moments(step, i, p, g, first, second, parameters);
        }
    }

    @Override
    public void adamW(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment second, long from, long to) {
        Extents.elements(from, to, parameters, gradients, first, second);
        for (long i = from; i < to; i++) {
            float p = get(parameters, i) * (1 - step.learningRate() * step.weightDecay());
            moments(step, i, p, get(gradients, i) * step.gradientScale(), first, second, parameters);
        }
    }

    private static void moments(OptimizerStep step, long i, float p, float g, MemorySegment first, MemorySegment second,
            MemorySegment parameters) {
        float m = first(step, i, g, first);
        float v = step.beta2() * get(second, i) + (1 - step.beta2()) * (g * g);
        set(second, i, v);
        float divisor = (float) Math.sqrt(v) / (float) Math.sqrt(step.biasCorrection2()) + step.epsilon();
        set(parameters, i, p - step.learningRate() / step.biasCorrection1() * (m / divisor));
    }

    /** Moves the first moment on and returns it; written as an interpolation, which is exact where m is g already. */
    private static float first(OptimizerStep step, long i, float g, MemorySegment first) {
        float m = get(first, i);
        m += (1 - step.beta1()) * (g - m);
        set(first, i, m);
        return m;
    }

    @Override
    public void adamax(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment norm, long from, long to) {
        Extents.elements(from, to, parameters, gradients, first, norm);
        for (long i = from; i < to; i++) {
            float p = get(parameters, i), g = get(gradients, i) * step.gradientScale() + step.weightDecay() * p;
            float m = first(step, i, g, first), u = Math.max(step.beta2() * get(norm, i), Math.abs(g) + step.epsilon());
            set(norm, i, u);
            set(parameters, i, p - step.learningRate() / step.biasCorrection1() * (m / u));
        }
    }
}
