package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The specification's gradients against central differences of the forward formulas, written again in double. */
class RowGradientTest {
    private static final int DIM = 11;
    private static final double EPSILON = 1e-5;
    private static final RowKernels KERNELS = new ScalarRowKernels();

    private final Arena arena = Arena.ofConfined();
    private final SplittableRandom random = new SplittableRandom(17);
    private final MemorySegment x = TestFloats.random(arena, random, DIM);
    private final MemorySegment dy = TestFloats.random(arena, random, DIM);
    private final MemorySegment gamma = TestFloats.random(arena, random, DIM);
    private final MemorySegment beta = TestFloats.random(arena, random, DIM);
    private final MemorySegment y = arena.allocate(4 * DIM), dx = arena.allocate(4 * DIM);

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void softmax() {
        KERNELS.softmax(x, .7f, null, 1, y, DIM, 0, 1);
        KERNELS.softmaxGradient(y, dy, .7f, dx, DIM, 0, 1);
        assertGradient(x, dx, row -> softmax(row, .7f));
    }

    @Test
    void logSoftmax() {
        KERNELS.logSoftmax(x, y, DIM, 0, 1);
        KERNELS.logSoftmaxGradient(y, dy, dx, DIM, 0, 1);
        assertGradient(x, dx, row -> {
            double[] p = softmax(row, 1);
            for (int i = 0; i < DIM; i++) p[i] = Math.log(p[i]);
            return p;
        });
    }

    @Test
    void layerNorm() {
        MemorySegment dGamma = arena.allocate(4 * DIM), dBeta = arena.allocate(4 * DIM);
        KERNELS.layerNormGradient(x, gamma, (float) EPSILON, dy, dx, dGamma, dBeta, DIM, 0, 1);
        assertGradient(x, dx, row -> layerNorm(row, doubles(gamma), doubles(beta)));
        assertGradient(gamma, dGamma, row -> layerNorm(doubles(x), row, doubles(beta)));
        assertGradient(beta, dBeta, row -> layerNorm(doubles(x), doubles(gamma), row));
    }

    private static double[] softmax(double[] x, double scale) {
        double[] p = new double[DIM];
        double sum = 0;
        for (int i = 0; i < DIM; i++) sum += p[i] = Math.exp(scale * x[i]);
        for (int i = 0; i < DIM; i++) p[i] /= sum;
        return p;
    }

    private static double[] layerNorm(double[] x, double[] gamma, double[] beta) {
        double mean = 0, variance = 0;
        for (double v : x) mean += v / DIM;
        for (double v : x) variance += (v - mean) * (v - mean) / DIM;
        double[] y = new double[DIM];
        for (int i = 0; i < DIM; i++) y[i] = (x[i] - mean) / Math.sqrt(variance + EPSILON) * gamma[i] + beta[i];
        return y;
    }

    /** {@code gradient[i]} is the slope of {@code dy . f} along {@code at[i]}. */
    private void assertGradient(MemorySegment at, MemorySegment gradient, UnaryOperator<double[]> f) {
        double h = 1e-5;
        for (int i = 0; i < DIM; i++) {
            double[] more = doubles(at), less = doubles(at);
            more[i] += h;
            less[i] -= h;
            assertEquals((weighed(f.apply(more)) - weighed(f.apply(less))) / (2 * h), Floats.get(gradient, i), 2e-6);
        }
    }

    private double weighed(double[] y) {
        double sum = 0;
        for (int i = 0; i < DIM; i++) sum += Floats.get(dy, i) * y[i];
        return sum;
    }

    private static double[] doubles(MemorySegment x) {
        double[] values = new double[DIM];
        for (int i = 0; i < DIM; i++) values[i] = Floats.get(x, i);
        return values;
    }
}
