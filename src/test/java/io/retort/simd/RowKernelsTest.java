package io.retort.simd;

import static io.retort.simd.TestFloats.assertClose;
import static io.retort.simd.TestFloats.assertSame;
import static io.retort.simd.TestFloats.copy;
import static io.retort.simd.TestFloats.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Vector kernels against the specification. Bounds follow from sums of dim floats, by lanes: their relative error is at
 * most (dim / 4 + 8) 2^-24 of the sum of magnitudes, typically its root; from functions of 2 ulps; and values about 1.
 */
class RowKernelsTest {
    private static final RowKernels SPECIFICATION = new ScalarRowKernels();
    private static final RowKernels VECTOR = new VectorRowKernels();
    private static final int[] DIMS = {1, 2, 7, 8, 15, 16, 17, 31, 63, 64, 100, 384, 1000};
    /** More than two blocks of any kernel, and not a whole number of them. */
    private static final int ROWS = 19;
    private static final float EPSILON = 1e-12f;

    private final Arena arena = Arena.ofConfined();
    private final SplittableRandom random = new SplittableRandom(5);

    @AfterEach
    void free() {
        arena.close();
    }

    /** A kernel that is given a segment for what it computes. */
    private interface Call {
        void run(RowKernels kernels, MemorySegment result, int from, int to);
    }

    /** The same as the specification within a bound, in ranges as in one go, and nothing outside the range. */
    private void assertLikeSpecification(String what, int floats, int floatsInRow, double relative, double absolute,
            Call call) {
        MemorySegment expected = random(arena, random, floats), actual = copy(arena, expected);
        MemorySegment parts = copy(arena, expected);
        call.run(SPECIFICATION, expected, 1, ROWS - 1);
        call.run(VECTOR, actual, 1, ROWS - 1);
        assertClose(expected, actual, relative, absolute, what);
        if (floatsInRow == 0) return;
        for (int[] range : new int[][]{{1, 6}, {6, 6}, {6, 7}, {7, ROWS - 1}})
            call.run(VECTOR, parts, range[0], range[1]);
        assertSame(actual, parts, what + " in parts");
    }

    @Test
    void softmaxIsTheSpecification() {
        for (int dim : DIMS) {
            MemorySegment x = random(arena, random, ROWS * dim);
            assertLikeSpecification("softmax of " + dim, ROWS * dim, dim, 3e-6, 1e-9,
                    (k, y, from, to) -> k.softmax(x, 3f, null, 1, y, dim, from, to));
            for (int share : new int[]{1, 4, ROWS}) {
                MemorySegment addend = random(arena, random, (ROWS + share - 1) / share * dim);
                assertLikeSpecification("softmax with addend of " + dim, ROWS * dim, dim, 3e-6, 1e-9,
                        (k, y, from, to) -> k.softmax(x, .125f, addend, share, y, dim, from, to));
            }
        }
    }

    @Test
    void softmaxOfMaskedAndHugeAndBrokenRows() {
        float inf = Float.POSITIVE_INFINITY;
        for (int dim : new int[]{3, 16, 50}) {
            for (float[] firsts : new float[][]{{0, -inf, 1}, {-inf, -inf, 5}, {1e30f, -1e30f, 0},
                {3e38f, 3e38f, -3e38f},
                {Float.NaN, 1, 2}, {inf, 1, 2}, {-1e9f, -1e9f, -1e9f}, {-100, 3, -90}, {1e-40f, -1e-40f, 0}}) {
                MemorySegment x = arena.allocate(4L * dim, 4), expected = copy(arena, x), actual = copy(arena, x);
                for (int i = 0; i < dim; i++) Floats.set(x, i, i < 3 ? firsts[i] : -inf);
                SPECIFICATION.softmax(x, 1, null, 1, expected, dim, 0, 1);
                VECTOR.softmax(x, 1, null, 1, actual, dim, 0, 1);
                assertClose(expected, actual, 3e-6, 1e-37, "softmax of " + List.of(firsts[0], firsts[1], firsts[2]));
                SPECIFICATION.logSoftmax(x, expected, dim, 0, 1);
                VECTOR.logSoftmax(x, actual, dim, 0, 1);
                assertClose(expected, actual, 3e-6, 1e-6, "log softmax of " + firsts[0]);
            }
        }
    }

    @Test
    void aMaskedElementHasNoWeightAtAll() {
        MemorySegment x = random(arena, random, 40), mask = arena.allocate(160, 4), y = arena.allocate(160, 4);
        for (int i = 10; i < 40; i++) Floats.set(mask, i, Float.NEGATIVE_INFINITY);
        for (RowKernels k : List.of(SPECIFICATION, VECTOR)) {
            k.softmax(x, 1, mask, 1, y, 40, 0, 1);
            for (int i = 10; i < 40; i++) assertEquals(0f, Floats.get(y, i));
        }
    }

    @Test
    void softmaxGradientIsTheSpecification() {
        for (int dim : DIMS) {
            MemorySegment y = random(arena, random, ROWS * dim), dy = random(arena, random, ROWS * dim);
            SPECIFICATION.softmax(y, 1, null, 1, y, dim, 0, ROWS);
            assertLikeSpecification("gradient of softmax of " + dim, ROWS * dim, dim, 2e-6, 2e-6,
                    (k, dx, from, to) -> k.softmaxGradient(y, dy, .125f, dx, dim, from, to));
        }
    }

    @Test
    void logSoftmaxAndItsGradientAreTheSpecification() {
        for (int dim : DIMS) {
            MemorySegment x = random(arena, random, ROWS * dim), dy = random(arena, random, ROWS * dim);
            assertLikeSpecification("log softmax of " + dim, ROWS * dim, dim, 1e-6, 1e-6,
                    (k, y, from, to) -> k.logSoftmax(x, y, dim, from, to));
            MemorySegment y = copy(arena, x);
            SPECIFICATION.logSoftmax(x, y, dim, 0, ROWS);
            assertLikeSpecification("gradient of log softmax of " + dim, ROWS * dim, dim, 2e-6, 2e-6,
                    (k, dx, from, to) -> k.logSoftmaxGradient(y, dy, dx, dim, from, to));
        }
    }

    @Test
    void layerNormIsTheSpecification() {
        for (int dim : DIMS) {
            if (dim < 3) continue; // its derivative is infinite where the deviations are nearly none
            MemorySegment x = random(arena, random, ROWS * dim), residual = random(arena, random, ROWS * dim);
            MemorySegment gamma = random(arena, random, dim), beta = random(arena, random, dim);
            for (MemorySegment added : new MemorySegment[]{null, residual}) {
                assertLikeSpecification("layer norm of " + dim, ROWS * dim, dim, 1e-5, 5e-6,
                        (k, y, from, to) -> k.layerNorm(x, added, null, gamma, beta, EPSILON, y, dim, from, to));
                MemorySegment y = copy(arena, x);
                assertLikeSpecification("sum of layer norm of " + dim, ROWS * dim, dim, 0, 0,
                        (k, sum, from, to) -> k.layerNorm(x, added, sum, gamma, beta, EPSILON, y, dim, from, to));
                assertLikeSpecification("layer norm of a sum of " + dim, ROWS * dim, dim, 1e-5, 5e-6, (k, to, from,
                        end) -> k.layerNorm(x, added, copy(arena, x), gamma, beta, EPSILON, to, dim, from, end));
            }
        }
    }

    @Test
    void layerNormKeepsItsAccuracyFarFromZero() {
        int dim = 384;
        MemorySegment x = random(arena, random, ROWS * dim), one = arena.allocate(4L * dim, 4), zero = copy(arena, one);
        for (int i = 0; i < dim; i++) Floats.set(one, i, 1);
        for (int i = 0; i < ROWS * dim; i++) Floats.add(x, i, 1000);
        // The mean of numbers about 1000 is off by up to some 2^-14; E[x^2] - E[x]^2 would be off by 0.1.
        assertLikeSpecification("layer norm", ROWS * dim, dim, 0, 2e-4,
                (k, y, from, to) -> k.layerNorm(x, null, null, one, zero, EPSILON, y, dim, from, to));
    }

    @Test
    void aConstantRowIsNormalisedToBeta() {
        for (RowKernels k : List.of(SPECIFICATION, VECTOR)) {
            MemorySegment x = arena.allocate(4 * 20, 4), y = copy(arena, x), beta = random(arena, random, 20);
            for (int i = 0; i < 20; i++) Floats.set(x, i, 0.5f);
            k.layerNorm(x, null, null, beta, beta, 1e-5f, y, 20, 0, 1);
            assertSame(beta, y, "constant row");
        }
    }

    @Test
    void layerNormGradientsAreTheSpecification() {
        for (int dim : DIMS) {
            if (dim < 3) continue;
            MemorySegment x = random(arena, random, ROWS * dim), dy = random(arena, random, ROWS * dim);
            MemorySegment gamma = random(arena, random, dim);
            assertLikeSpecification("dx of " + dim, ROWS * dim, dim, 1e-5, 2e-5,
                    (k, dx, from, to) -> k.layerNormGradient(x, gamma, 1e-5f, dy, dx, null, null, dim, from, to));
            assertLikeSpecification("dGamma of " + dim, dim, 0, 1e-5, 2e-5,
                    (k, sum, from, to) -> k.layerNormGradient(x, gamma, 1e-5f, dy, null, sum, null, dim, from, to));
            assertLikeSpecification("dBeta of " + dim, dim, 0, 1e-6, 1e-5,
                    (k, sum, from, to) -> k.layerNormGradient(x, gamma, 1e-5f, dy, null, null, sum, dim, from, to));
        }
    }

    @Test
    void sumsAndMaximaAreTheSpecification() {
        for (int dim : DIMS) {
            MemorySegment x = random(arena, random, ROWS * dim);
            assertLikeSpecification("sum of rows", dim, 0, 1e-6, 1e-5,
                    (k, sums, from, to) -> k.sumOfRows(x, sums, dim, from, to));
            assertLikeSpecification("sum in rows", ROWS, 1, 1e-6, 1e-4,
                    (k, y, from, to) -> k.sumInRows(x, .5f, y, dim, from, to));
            assertLikeSpecification("maximum", ROWS, 1, 0, 0, (k, y, from, to) -> k.maxInRows(x, y, dim, from, to));
        }
    }

    @Test
    void weightedRowsHaveTheBitsOfTheSpecificationAndOfAProduct() {
        for (int dim : DIMS) {
            int gap = 3;
            MemorySegment x = random(arena, random, ROWS * (dim + gap)), weights = random(arena, random, ROWS + 2);
            MemorySegment expected = arena.allocate(4L * (dim + 1)), actual = arena.allocate(4L * (dim + 1));
            SPECIFICATION.addWeightedRows(weights, 2, ROWS, x, 8, 4L * (dim + gap), dim, expected, 4);
            for (int[] part : new int[][]{{0, 7}, {7, ROWS}}) {
                VECTOR.addWeightedRows(weights, 2 + part[0], part[1] - part[0], x, 8 + 4L * (dim + gap) * part[0],
                        4L * (dim + gap), dim, actual, 4);
            }
            assertSame(expected, actual, "weighted rows of " + dim);
            try (WorkerPool pool = new WorkerPool(1); Gemm gemm = new Gemm(new ScalarMatrixKernels(), pool)) {
                MemorySegment product = arena.allocate(4L * (dim + 1));
                gemm.multiply(Matrix.of(weights, 8, 1, ROWS), new Matrix(x, 8, ROWS, dim, dim + gap, 1),
                        Matrix.of(product, 4, 1, dim), Epilogue.NONE);
                assertSame(product, actual, "product of " + dim);
            }
        }
    }

    @Test
    void aMaximumWithNanIsNan() {
        for (int at : new int[]{0, 15, 16, 40, 49}) {
            MemorySegment x = random(arena, random, 50), y = arena.allocate(4);
            Floats.set(x, at, Float.NaN);
            for (RowKernels k : List.of(SPECIFICATION, VECTOR)) {
                k.maxInRows(x, y, 50, 0, 1);
                assertEquals(Float.NaN, Floats.get(y, 0));
            }
        }
    }

    @Test
    void resultsMayTakeThePlaceOfArguments() {
        for (RowKernels k : List.of(SPECIFICATION, VECTOR)) {
            for (int dim : new int[]{5, 64, 100}) {
                MemorySegment x = random(arena, random, ROWS * dim), z = random(arena, random, ROWS * dim);
                MemorySegment gamma = random(arena, random, dim), sum = copy(arena, gamma), sum2 = copy(arena, gamma);
                assertInPlace(x, (from, to) -> k.softmax(from, 2, null, 1, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.softmaxGradient(z, from, 2, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.softmaxGradient(from, z, 2, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.logSoftmax(from, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.logSoftmaxGradient(from, z, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.layerNorm(from, null, null, gamma, gamma, 1, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.layerNorm(from, z, null, gamma, gamma, 1, to, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.layerNorm(z, from, null, gamma, gamma, 1, to, dim, 0, ROWS));
                assertInPlace(x,
                        (from, to) -> k.layerNorm(from, z, to, gamma, gamma, 1, copy(arena, z), dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.layerNormGradient(z, gamma, 1, from, to, sum, sum2, dim, 0, ROWS));
                assertInPlace(x, (from, to) -> k.layerNormGradient(from, gamma, 1, z, to, sum, sum2, dim, 0, ROWS));
            }
        }
    }

    private interface FromTo {
        void run(MemorySegment from, MemorySegment to);
    }

    private void assertInPlace(MemorySegment x, FromTo kernel) {
        MemorySegment apart = copy(arena, x), place = copy(arena, x);
        kernel.run(x, apart);
        kernel.run(place, place);
        assertSame(apart, place, "in place");
    }

    @Test
    void segmentsThatAreTooShortAreRefused() {
        MemorySegment x = arena.allocate(4 * 30), y = arena.allocate(4 * 20), one = arena.allocate(4 * 10);
        for (RowKernels k : List.of(SPECIFICATION, VECTOR)) {
            assertThrows(IllegalArgumentException.class, () -> k.softmax(x, 1, null, 1, y, 10, 0, 3));
            assertThrows(IllegalArgumentException.class, () -> k.softmax(x, 1, one, 2, x, 10, 0, 3));
            assertThrows(IllegalArgumentException.class, () -> k.softmax(x, 1, one, 0, x, 10, 0, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> k.softmax(x, 1, null, 1, x, 10, 2, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> k.softmax(x, 1, null, 1, x, 10, -1, 1));
            assertThrows(IllegalArgumentException.class, () -> k.sumOfRows(x, one, 15, 0, 2));
            assertThrows(IllegalArgumentException.class,
                    () -> k.layerNorm(x, y, null, one, one, 1, x, 10, 0, 3));
            assertThrows(IllegalArgumentException.class,
                    () -> k.layerNormGradient(x, one, 1, x, x, one, null, 15, 0, 2));
        }
    }
}
