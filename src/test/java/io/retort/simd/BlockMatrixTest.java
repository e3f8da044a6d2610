package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.ElementType;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.QuantizedType;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockMatrixTest {
    private static final MatrixKernels SPECIFICATION = new ScalarMatrixKernels();

    @Property(tries = 60)
    void rowsAreDecodedToTheBitsOfTheFile(@ForAll QuantizedType type, @ForAll @IntRange(min = 1, max = 70) int rows,
            @ForAll @IntRange(min = 1, max = 5) int blocks, @ForAll long seed) {
        QuantizedTensor weights = new RandomWeights(seed).of(type, rows, blocks);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            BlockMatrix matrix = BlockMatrix.of(weights, pool, arena);
            assertTrue(matrix.isFinite());
            assertRows(weights.dequantized(), matrix);
        }
    }

    @Property(tries = 30)
    void halvesAreDecodedToTheBitsOfTheFile(@ForAll boolean brain, @ForAll @IntRange(min = 1, max = 70) int rows,
            @ForAll @IntRange(min = 1, max = 100) int columns, @ForAll long seed) {
        Tensor weights = new RandomWeights(seed).of(brain ? ElementType.BF16 : ElementType.F16, rows, columns);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
            assertRows(weights, BlockMatrix.of(weights, pool, arena));
        }
    }

    private static void assertRows(Tensor expected, BlockMatrix matrix) {
        float[] values = expected.toFloats(), row = new float[matrix.columns() + 3];
        for (int i = 0; i < matrix.rows(); i++) {
            matrix.row(i, row, 2);
            assertArrayEquals(bits(Arrays.copyOfRange(values, i * matrix.columns(), (i + 1) * matrix.columns())),
                    bits(Arrays.copyOfRange(row, 2, 2 + matrix.columns())), "row " + i);
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) bits[i] = Float.floatToRawIntBits(values[i]);
        return bits;
    }

    @ParameterizedTest
    @EnumSource
    void theLayoutTakesLittleMoreThanTheFile(QuantizedType type) {
        QuantizedTensor weights = new RandomWeights(1).of(type, 96, 3);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(1)) {
            BlockMatrix matrix = BlockMatrix.of(weights, pool, arena);
            assertTrue(matrix.bytes() <= 1.15 * weights.blocks().byteSize(), matrix.bytes() + " bytes");
            assertEquals(BlockMatrix.bytes(type, 96, 3 * type.blockSize()), matrix.bytes());
        }
    }

    /**
     * An activation is off by at most half of its chunk's scale, so a product by at most that times the sum of the
     * weights' magnitudes.
     */
    @Property(tries = 60)
    void aProductIsNearThatOfDecodedWeights(@ForAll QuantizedType type, @ForAll @IntRange(max = 9) int m,
            @ForAll @IntRange(min = 1, max = 60) int n, @ForAll @IntRange(min = 1, max = 4) int blocks,
            @ForAll long seed) {
        QuantizedTensor weights = new RandomWeights(seed).of(type, n, blocks);
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(2);
                Gemm gemm = new Gemm(MatrixKernels.best(), pool)) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(seed));
            int k = blocks * type.blockSize();
            Matrix a = matrices.ordinary(m, k), c = matrices.ordinary(m, n);
            gemm.multiply(a, BlockMatrix.of(weights, pool, arena), c, Epilogue.NONE);
            float[] decoded = weights.dequantized().toFloats();
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double exact = 0, magnitude = 0;
                    for (int l = 0; l < k; l++) {
                        exact += (double) a.get(i, l) * decoded[j * k + l];
                        magnitude += Math.abs(decoded[j * k + l]);
                    }
                    double bound = .5 / 127 / 2 * magnitude * 1.001 + 1e-5 * magnitude + 1e-6;
                    assertEquals(exact, c.get(i, j), bound, i + ", " + j);
                }
            }
        }
    }

    @Property(tries = 60)
    void vectorsGiveTheBitsOfTheSpecification(@ForAll QuantizedType type, @ForAll @IntRange(max = 40) int m,
            @ForAll @IntRange(min = 1, max = 150) int n, @ForAll @IntRange(min = 1, max = 5) int blocks,
            @ForAll @IntRange(min = 1, max = 3) int threads, @ForAll long seed) {
        QuantizedTensor weights = new RandomWeights(seed).of(type, n, blocks);
        assertSpecification(pool -> BlockMatrix.of(weights, pool, Arena.ofAuto()), m, threads, seed);
    }

    @Property(tries = 40)
    void halvesGiveTheBitsOfTheSpecification(@ForAll boolean brain, @ForAll @IntRange(max = 20) int m,
            @ForAll @IntRange(min = 1, max = 150) int n, @ForAll @IntRange(min = 1, max = 90) int k,
            @ForAll @IntRange(min = 1, max = 3) int threads, @ForAll long seed) {
        Tensor weights = new RandomWeights(seed).of(brain ? ElementType.BF16 : ElementType.F16, n, k);
        assertSpecification(pool -> BlockMatrix.of(weights, pool, Arena.ofAuto()), m, threads, seed);
    }

    private static void assertSpecification(Function<WorkerPool, BlockMatrix> weights, int m,
            int threads, long seed) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(threads);
                Gemm specification = new Gemm(SPECIFICATION, pool);
                Gemm gemm = new Gemm(new VectorMatrixKernels(), pool)) {
            BlockMatrix b = weights.apply(pool);
            Matrices matrices = new Matrices(arena, new SplittableRandom(seed));
            Matrix a = matrices.ordinary(m, b.columns()), c = matrices.ordinary(m, b.rows());
            Epilogue epilogue = Epilogue.bias(matrices.vector(b.rows())).withScale(2)
                    .withAddend(matrices.ordinary(m, b.rows()));
            Matrix expected = matrices.copy(c), actual = matrices.copy(c), again = matrices.copy(c);
            specification.multiply(a, b, expected, epilogue);
            gemm.multiply(a, b, actual, epilogue);
            assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(actual.memory()));
            for (int i = 0; i < m; i++) {
                gemm.multiply(a.rows(i, i + 1), b, again.rows(i, i + 1),
                        epilogue.withAddend(epilogue.addend().rows(i, i + 1)));
            }
            assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(again.memory()), "a row alone");
        }
    }

    @Property(tries = 40)
    void theWayBackIsTheProductWithDecodedWeights(@ForAll QuantizedType type, @ForAll @IntRange(max = 9) int m,
            @ForAll @IntRange(min = 1, max = 60) int n, @ForAll @IntRange(min = 1, max = 4) int blocks,
            @ForAll long seed) {
        QuantizedTensor weights = new RandomWeights(seed).of(type, n, blocks);
        try (WorkerPool pool = new WorkerPool(2)) {
            assertWayBack(weights.dequantized(), BlockMatrix.of(weights, pool, Arena.ofAuto()), m, seed, pool);
        }
    }

    /** More rows of weights than are decoded at a time. */
    @Test
    void theWayBackOfManyRowsIsTheProductWithDecodedWeights() {
        try (WorkerPool pool = new WorkerPool(2)) {
            QuantizedTensor weights = new RandomWeights(3).of(QuantizedType.Q4_K, 2100, 2);
            assertWayBack(weights.dequantized(), BlockMatrix.of(weights, pool, Arena.ofAuto()), 7, 3, pool);
            Tensor halves = new RandomWeights(3).of(ElementType.BF16, 1030, 77);
            assertWayBack(halves, BlockMatrix.of(halves, pool, Arena.ofAuto()), 7, 3, pool);
        }
    }

    private static void assertWayBack(Tensor decoded, BlockMatrix b, int m, long seed, WorkerPool pool) {
        try (Arena arena = Arena.ofShared(); Gemm gemm = new Gemm(MatrixKernels.best(), pool)) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(seed));
            Matrix a = matrices.ordinary(m, b.rows()), c = matrices.ordinary(m, b.columns());
            Epilogue epilogue = Epilogue.bias(matrices.vector(b.columns())).withScale(2)
                    .withAddend(matrices.ordinary(m, b.columns()));
            Matrix expected = matrices.copy(c);
            MemorySegment plain = arena.allocate(4L * b.rows() * b.columns(), 4);
            MemorySegment.copy(MemorySegment.ofArray(decoded.toFloats()), 0, plain, 0, plain.byteSize());
            gemm.multiply(a, Matrix.of(plain, b.rows(), b.columns()), expected, epilogue);
            gemm.multiplyBack(a, b, c, epilogue);
            assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(c.memory()));
        }
    }

    @Test
    void activationsThatAreNoNumbersGiveNoNumber() {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1);
                Gemm gemm = new Gemm(MatrixKernels.best(), pool)) {
            BlockMatrix b = BlockMatrix.of(new RandomWeights(1).of(QuantizedType.Q4_1, 32, 2), pool, arena);
            Matrix a = new Matrices(arena, new SplittableRandom(2)).ordinary(3, 64);
            Matrix c = Matrix.of(arena.allocate(4 * 3 * 32, 4), 3, 32);
            a.set(0, 5, Float.NaN);
            a.set(1, 40, Float.NEGATIVE_INFINITY);
            gemm.multiply(a, b, c, Epilogue.NONE);
            for (int j = 0; j < 32; j++) {
                assertFalse(Float.isFinite(c.get(0, j)) || Float.isFinite(c.get(1, j)), "column " + j);
                assertTrue(Float.isFinite(c.get(2, j)));
            }
        }
    }

    @Test
    void aScaleThatIsNoNumberIsFound() {
        QuantizedTensor weights = new RandomWeights(1).of(QuantizedType.Q5_1, 33, 2);
        weights.blocks().set(ValueLayout.JAVA_BYTE, 2 * 24 + 3, (byte) 0x7c);
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(1)) {
            assertFalse(BlockMatrix.of(weights, pool, arena).isFinite());
        }
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1);
                Gemm gemm = new Gemm(MatrixKernels.best(), pool)) {
            BlockMatrix b = BlockMatrix.of(new RandomWeights(1).of(QuantizedType.Q4_0, 10, 2), pool, arena);
            Matrices matrices = new Matrices(arena, new SplittableRandom(2));
            assertThrows(IllegalArgumentException.class,
                    () -> gemm.multiply(matrices.ordinary(3, 32), b, matrices.ordinary(3, 10), Epilogue.NONE));
            assertThrows(IllegalArgumentException.class,
                    () -> gemm.multiplyBack(matrices.ordinary(3, 64), b, matrices.ordinary(3, 64), Epilogue.NONE));
            assertThrows(IllegalArgumentException.class,
                    () -> BlockMatrix.of(Tensor.of(new float[6], 2, 3), pool, arena));
            assertThrows(IllegalArgumentException.class, () -> BlockMatrix
                    .of(Tensor.of(new float[6], 1, 2, 3).to(ElementType.F16), pool, arena));
            assertThrows(IndexOutOfBoundsException.class, () -> b.row(10, new float[64], 0));
            assertThrows(IndexOutOfBoundsException.class, () -> b.row(0, new float[64], 1));
        }
    }
}
