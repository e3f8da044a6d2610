package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link OptimizerKernels} on the Vector API: whole vectors first, the rest of a range by {@link
 * ScalarOptimizerKernels}.
 */
public final class VectorOptimizerKernels implements OptimizerKernels {
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, Lanes.FLOATS.vectorShape());
    /** Elements of one inner loop, whose bounds the JIT compiler checks once as its counter is an int. */
    private static final int BLOCK = 1 << 16;

    private final ScalarOptimizerKernels specification = new ScalarOptimizerKernels();

    /** One optimiser's rule on a block of whole vectors. */
    @FunctionalInterface
    private interface Blocks {
        void run(long at, int count);
    }

    /** Runs a rule over the whole vectors of a range, block by block, and says where they end. */
    private static long forBlocks(long from, long to, Blocks rule) {
        long end = from + (to - from) / Lanes.COUNT * Lanes.COUNT;
        for (long i = from; i < end; i += BLOCK) rule.run(Float.BYTES * i, (int) Math.min(BLOCK, end - i));
        return end;
    }

    @Override
    public double sumOfSquares(MemorySegment gradients, long from, long to) {
        Extents.elements(from, to, gradients);
        long end = from + (to - from) / Lanes.COUNT * Lanes.COUNT;
        double sum = 0;
        for (long i = from; i < end; i += BLOCK) {
            sum += squares(gradients, Float.BYTES * i, (int) Math.min(BLOCK, end - i));
        }
        return sum + specification.sumOfSquares(gradients, end, to);
    }

    private static double squares(MemorySegment x, long at, int count) {
        DoubleVector even = DoubleVector.zero(DOUBLES), odd = even;
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector g = get(x, at + 4L * i);
            DoubleVector a = (DoubleVector) g.convertShape(VectorOperators.F2D, DOUBLES, 0);
            DoubleVector b = (DoubleVector) g.convertShape(VectorOperators.F2D, DOUBLES, 1);
            even = a.fma(a, even);
            odd = b.fma(b, odd);
        }
        return inOrder(even.add(odd).toArray());
    }

    /**
     * The sum of the lanes in a fixed order: that of {@code reduceLanes} differs between interpreted and compiled code,
     * and with it the bits of a resumed run.
     */
    private static double inOrder(double[] lanes) {
        double sum = 0;
        for (double lane : lanes) sum += lane;
        return sum;
    }

    @Override
    public void sgd(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, long from, long to) {
        Extents.elements(from, to, parameters, gradients);
        long end = forBlocks(from, to, (at, count) -> sgd(step, parameters, gradients, at, count));
        specification.sgd(step, parameters, gradients, end, to);
    }

    private static void sgd(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, long at, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector p = get(parameters, at + 4L * i);
            FloatVector g = get(gradients, at + 4L * i).mul(step.gradientScale()).add(p.mul(step.weightDecay()));
            put(p.sub(g.mul(step.learningRate())), parameters, at + 4L * i);
        }
    }

    @Override
    public void adam(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment second, long from, long to) {
        Extents.elements(from, to, parameters, gradients, first, second);
        long end = forBlocks(from, to, (at, count) -> adam(step, parameters, gradients, first, second, at, count));
        specification.adam(step, parameters, gradients, first, second, end, to);
    }

    private static void adam(OptimizerStep step, MemorySegment parameters, MemorySegment gradients,
            MemorySegment first, MemorySegment second, long at, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector p = get(parameters, at + 4L * i);
            FloatVector g = get(gradients, at + 4L * i).mul(step.gradientScale()).add(p.mul(step.weightDecay()));
            FloatVector ratio = ratio(step, g, first, second, at + 4L * i);
            put(p.sub(ratio.mul(rate(step))), parameters, at + 4L * i);
        }
    }

    @Override
    public void adamW(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment second, long from, long to) {
        Extents.elements(from, to, parameters, gradients, first, second);
        long end = forBlocks(from, to, (at, count) -> adamW(step, parameters, gradients, first, second, at, count));
        specification.adamW(step, parameters, gradients, first, second, end, to);
    }

    private static void adamW(OptimizerStep step, MemorySegment parameters, MemorySegment gradients,
            MemorySegment first, MemorySegment second, long at, int count) {
        float kept = 1 - step.learningRate() * step.weightDecay();
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector g = get(gradients, at + 4L * i).mul(step.gradientScale());
            FloatVector ratio = ratio(step, g, first, second, at + 4L * i);
            put(get(parameters, at + 4L * i).mul(kept).sub(ratio.mul(rate(step))), parameters, at + 4L * i);
        }
    }

    /** Moves both moments on and gives m / (sqrt(v) / sqrt(correction2) + epsilon). */
    private static FloatVector ratio(OptimizerStep step, FloatVector g, MemorySegment first, MemorySegment second,
            long at) {
        FloatVector m = first(step, g, first, at);
        FloatVector v = get(second, at).mul(step.beta2()).add(g.mul(g).mul(1 - step.beta2()));
        put(v, second, at);
        float rootOfCorrection = (float) Math.sqrt(step.biasCorrection2());
        return m.div(v.sqrt().div(rootOfCorrection).add(step.epsilon()));
    }

    private static FloatVector first(OptimizerStep step, FloatVector g, MemorySegment first, long at) {
        FloatVector m = get(first, at);
        m = m.add(g.sub(m).mul(1 - step.beta1()));
        put(m, first, at);
        return m;
    }

    private static float rate(OptimizerStep step) {
        return step.learningRate() / step.biasCorrection1();
    }

    @Override
    public void adamax(OptimizerStep step, MemorySegment parameters, MemorySegment gradients, MemorySegment first,
            MemorySegment norm, long from, long to) {
        Extents.elements(from, to, parameters, gradients, first, norm);
        long end = forBlocks(from, to, (at, count) -> adamax(step, parameters, gradients, first, norm, at, count));
        specification.adamax(step, parameters, gradients, first, norm, end, to);
    }

    private static void adamax(OptimizerStep step, MemorySegment parameters, MemorySegment gradients,
            MemorySegment first, MemorySegment norm, long at, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector p = get(parameters, at + 4L * i);
            FloatVector g = get(gradients, at + 4L * i).mul(step.gradientScale()).add(p.mul(step.weightDecay()));
            FloatVector m = first(step, g, first, at + 4L * i);
            FloatVector u = get(norm, at + 4L * i).mul(step.beta2()).max(g.abs().add(step.epsilon()));
            put(u, norm, at + 4L * i);
            put(p.sub(m.div(u).mul(rate(step))), parameters, at + 4L * i);
        }
    }
}
