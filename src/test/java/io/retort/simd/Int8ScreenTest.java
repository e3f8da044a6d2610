package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class Int8ScreenTest {
    private static final Kernels SPECIFICATION = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();

    @Property(tries = 300)
    void codesScaleAndLengthsAreWhatTheBoundNeeds(@ForAll @IntRange(min = 1, max = 400) int dims, @ForAll long seed) {
        float[] x = vector(new SplittableRandom(seed), dims);
        Int8Vector vector = Int8Vector.of(x);
        BigDecimal squares = BigDecimal.ZERO, errors = BigDecimal.ZERO;
        int chunk = 0;
        for (int i = 0; i < dims; i++) {
            if (i % Int8Vector.CHUNK == 0) chunk = 0;
            chunk += vector.codes()[i] * vector.codes()[i];
            assertTrue(chunk <= Short.MAX_VALUE, "a chunk of length " + Math.sqrt(chunk));
            BigDecimal exact = new BigDecimal(x[i]);
            BigDecimal error = exact.subtract(
                    new BigDecimal(vector.scale()).multiply(BigDecimal.valueOf(vector.codes()[i])));
            squares = squares.add(exact.multiply(exact));
            errors = errors.add(error.multiply(error));
        }
        assertTrue(vector.scale() == 0 || vector.scale() >= Float.MIN_NORMAL);
        assertAbove(vector.norm(), squares);
        assertAbove(vector.error(), errors);
        assertTrue(vector.error() <= vector.norm(), "rounding to nearest cannot make it longer");
    }

    private static void assertAbove(float bound, BigDecimal squares) {
        double length = squares.sqrt(MathContext.DECIMAL64).doubleValue();
        assertTrue(bound >= length * (1 + 0x1p-19), bound + " < " + length);
    }

    @Property(tries = 300)
    void everyChunkOfProductsFitsInto16Bits(@ForAll @IntRange(min = 1, max = 128) int dims, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] x = Int8Vector.of(vector(random, dims)).codes(), y = Int8Vector.of(vector(random, dims)).codes();
        for (byte[] other : new byte[][]{x, y}) {
            int dot = 0;
            for (int i = 0; i < dims; i++) dot += x[i] * other[i];
            assertEquals((short) dot, dot);
        }
    }

    @Property(tries = 200)
    void rowsBelowTheThresholdForCertainAreThoseOfTheSpecification(@ForAll @IntRange(min = 1, max = 300) int dims,
            @ForAll @IntRange(min = 1, max = 100) int count, @ForAll @IntRange(min = 1, max = 9) int queries,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Rows rows = rows(random, count, dims);
        Int8Rows screen = screen(rows);
        float[][] asked = new float[queries][];
        Arrays.setAll(asked, q -> vector(random, dims));
        float[][] scores = new float[queries][count];
        SPECIFICATION.scores(rows, 0, count, asked, scores);
        float[] thresholds = new float[queries];
        // One of the scores: that row must be found, whatever rounding does.
        for (int q = 0; q < queries; q++) {
            thresholds[q] = random.nextInt(9) == 0 ? Float.NEGATIVE_INFINITY : scores[q][random.nextInt(count)];
        }
        Int8Query[] coarse = new Int8Query[queries];
        Arrays.setAll(coarse, q -> Int8Query.of(asked[q]));
        int blocks = (count + Int8Rows.BLOCK - 1) / Int8Rows.BLOCK;
        int[][] expected = new int[queries][blocks], found = new int[queries][blocks];
        SPECIFICATION.screen(screen, 0, count, coarse, thresholds, expected);
        VECTOR.screen(screen, 0, count, coarse, thresholds, found);
        for (int q = 0; q < queries; q++) {
            assertArrayEquals(expected[q], found[q]);
            for (int r = 0; r < count; r++) {
                if (scores[q][r] >= thresholds[q]) {
                    assertTrue((found[q][r / Int8Rows.BLOCK] >> r % Int8Rows.BLOCK & 1) == 1, "row " + r + " is lost");
                }
            }
        }
    }

    @Test
    void aRowFarBelowTheThresholdIsNotReached() {
        float[] data = new float[70 * 20];
        for (int r = 0; r < 70; r++) data[r * 20 + (r == 33 ? 3 : 4)] = 1;
        float[] query = new float[20];
        query[3] = 2;
        int[][] reached = new int[1][3];
        VECTOR.screen(screen(new Rows(MemorySegment.ofArray(data), 70, 20)), 0, 70,
                new Int8Query[]{Int8Query.of(query)},
                new float[]{1.9f}, reached);
        assertArrayEquals(new int[]{0, 2, 0}, reached[0]);
    }

    @Test
    void aBoundAtTheThresholdReachesIt() {
        Int8Rows zeros = screen(new Rows(MemorySegment.ofArray(new float[33 * 6]), 33, 6));
        for (Kernels k : new Kernels[]{SPECIFICATION, VECTOR}) {
            int[][] reached = new int[1][2];
            k.screen(zeros, 0, 33, new Int8Query[]{Int8Query.of(new float[6])},
                    new float[]{ScalarKernels.UNDERFLOW}, reached);
            assertArrayEquals(new int[]{-1, 1}, reached[0], k.name());
        }
    }

    @Test
    void rangesThatAreNotWholeBlocksAreRefused() {
        Int8Rows rows = screen(rows(new SplittableRandom(1), 100, 5));
        Int8Query[] queries = {Int8Query.of(new float[5])};
        for (Kernels k : new Kernels[]{SPECIFICATION, VECTOR}) {
            int[][] reached = new int[1][4];
            k.screen(rows, 96, 4, queries, new float[1], reached);
            assertThrows(IllegalArgumentException.class, () -> k.screen(rows, 1, 32, queries, new float[1], reached));
            assertThrows(IllegalArgumentException.class, () -> k.screen(rows, 0, 33, queries, new float[1], reached));
            assertThrows(IndexOutOfBoundsException.class, () -> k.screen(rows, 96, 5, queries, new float[1], reached));
            assertThrows(IllegalArgumentException.class,
                    () -> k.screen(rows, 0, 64, queries, new float[1], new int[1][1]));
            assertThrows(IllegalArgumentException.class,
                    () -> k.screen(rows, 0, 32, new Int8Query[]{Int8Query.of(new float[4])}, new float[1], reached));
        }
    }

    private static Int8Rows screen(Rows rows) {
        try (WorkerPool pool = new WorkerPool(1)) {
            return Int8Rows.of(rows, pool);
        }
    }

    private static Rows rows(SplittableRandom random, int count, int dims) {
        float[] data = new float[count * dims];
        for (int r = 0; r < count; r++) System.arraycopy(vector(random, dims), 0, data, r * dims, dims);
        return new Rows(MemorySegment.ofArray(data), count, dims);
    }

    /** Of any size an index takes: ordinary, with outliers, a single spike, tiny, huge, zero. */
    private static float[] vector(SplittableRandom random, int dims) {
        float[] vector = new float[dims];
        double size = switch (random.nextInt(6)) {
            case 0 -> Math.scalb(1.0, random.nextInt(-149, 50));
            case 1 -> 0;
            default -> 1;
        };
        int kind = random.nextInt(4);
        for (int i = 0; i < dims; i++) {
            double x = switch (kind) {
                case 0 -> random.nextInt(20) == 0 ? 100 : random.nextGaussian();
                case 1 -> i == dims / 2 ? 1 : 0;
                case 2 -> random.nextBoolean() ? 1 : -1;
                default -> random.nextGaussian();
            };
            vector[i] = (float) (size * x);
        }
        return vector;
    }
}
