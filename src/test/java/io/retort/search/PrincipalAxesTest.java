package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Shortened vectors: never a smaller product, and not much greater where rows lie in few directions. */
class PrincipalAxesTest {
    private static final int DIMS = 200;
    private static final int DIRECTIONS = 20;

    private final SplittableRandom random = new SplittableRandom(7);
    private final float[][] directions = vectors(DIRECTIONS, DIMS, 1);

    private float[][] vectors(int count, int dims, double size) {
        float[][] vectors = new float[count][dims];
        for (float[] vector : vectors) {
            for (int i = 0; i < dims; i++) vector[i] = (float) (size * random.nextGaussian());
        }
        return vectors;
    }

    private float[][] mixtures(int count, double noise, double size) {
        float[][] vectors = vectors(count, DIMS, noise * size);
        for (float[] vector : vectors) {
            for (float[] direction : directions) {
                double part = size * random.nextGaussian();
                for (int i = 0; i < DIMS; i++) vector[i] += (float) (part * direction[i]);
            }
        }
        return vectors;
    }

    private static Optional<PrincipalAxes> axes(float[][] vectors) {
        try (Arena arena = Arena.ofConfined()) {
            Rows rows = RowSearchContract.rows(arena, vectors, Metric.INNER_PRODUCT);
            return PrincipalAxes.of(rows, Kernels.best());
        }
    }

    private static double dot(float[] x, float[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) sum += (double) x[i] * y[i];
        return sum;
    }

    @Test
    void aProductOfShortenedVectorsIsNeverSmallerAndHardlyGreater() {
        PrincipalAxes axes = axes(mixtures(2000, 0.2, 1)).orElseThrow();
        assertEquals(32, axes.dims());
        float[][] some = mixtures(300, 0.2, 1);
        double above = 0;
        for (float[] x : some) {
            for (float[] y : some) {
                double exact = dot(x, y), bound = dot(axes.shortened(x), axes.shortened(y));
                assertTrue(bound >= exact, bound + " of " + exact);
                above = Math.max(above, (bound - exact) / Math.sqrt(dot(x, x) * dot(y, y)));
            }
        }
        assertTrue(above < 0.05, above + " too high");
    }

    @Test
    void soItIsForVectorsOfAnyLengthAndDirection() {
        PrincipalAxes axes = axes(mixtures(2000, 0.2, 1)).orElseThrow();
        for (int tries = 0; tries < 5000; tries++) {
            double size = Math.pow(10, random.nextInt(-44, 15)), other = Math.pow(10, random.nextInt(-44, 15));
            float[] x = (random.nextBoolean() ? mixtures(1, 0.2, size) : vectors(1, DIMS, size))[0];
            float[] y = (random.nextBoolean() ? mixtures(1, 0.2, other) : vectors(1, DIMS, other))[0];
            if (random.nextInt(5) == 0) y = x;
            double bound = dot(axes.shortened(x), axes.shortened(y));
            assertTrue(bound >= dot(x, y) - 0x1p-134, bound + " of " + dot(x, y));
        }
    }

    @Test
    void rowsInEveryDirectionHaveNone() {
        assertTrue(axes(vectors(3000, DIMS, 1)).isEmpty());
        assertTrue(axes(new float[500][DIMS]).isEmpty(), "nor have zeros");
        assertTrue(axes(mixtures(100, 0.2, 1)).isEmpty(), "nor too few rows to tell");
        assertTrue(axes(new float[2100][2080]).isEmpty(), "nor too many dims");
    }
}
