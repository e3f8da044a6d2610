package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmTest {
    private static final MatrixKernels SPECIFICATION = new ScalarMatrixKernels();

    @Property(tries = 80)
    void anyNumberOfThreadsGivesTheBitsOfTheSpecification(@ForAll @IntRange(max = 60) int m,
            @ForAll @IntRange(max = 60) int k, @ForAll @IntRange(max = 150) int n,
            @ForAll @IntRange(min = 1, max = 3) int threads, @ForAll long seed) {
        assertProduct(m, k, n, threads, seed);
    }

    /** So large that rows, panels, both or, with more than 1,024 columns of A, their sums are split. */
    @ParameterizedTest
    @CsvSource({"300,70,200", "16,400,1000", "7,2000,330", "130,1100,33", "3,700,1200", "130,2100,430"})
    void splitProductsHaveTheBitsOfTheSpecification(int m, int k, int n) {
        assertProduct(m, k, n, 2, 5);
    }

    private static void assertProduct(int m, int k, int n, int threads, long seed) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(threads);
                Gemm specification = new Gemm(SPECIFICATION, pool);
                Gemm gemm = new Gemm(new VectorMatrixKernels(), pool)) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(seed));
            Matrix a = matrices.ordinary(m, k), b = matrices.ordinary(k, n), c = matrices.ordinary(m, n);
            Epilogue epilogue = Epilogue.bias(matrices.vector(n)).withScale(2);
            Matrix expected = matrices.copy(c), packedBefore = matrices.copy(c), packedOnTheWay = matrices.copy(c);
            specification.multiply(a, b, expected, epilogue);
            gemm.multiply(a, PackedMatrix.pack(gemm.kernels(), b, pool, arena), packedBefore, epilogue);
            gemm.multiply(a, b, packedOnTheWay, epilogue);
            assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(packedBefore.memory()));
            assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(packedOnTheWay.memory()));
        }
    }

    @Property(tries = 40)
    void aBatchIsItsProducts(@ForAll @IntRange(max = 9) int batch, @ForAll @IntRange(min = 1, max = 20) int m,
            @ForAll @IntRange(min = 1, max = 40) int n, @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll long seed) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(threads);
                Gemm specification = new Gemm(SPECIFICATION, pool);
                Gemm gemm = new Gemm(new VectorMatrixKernels(), pool)) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(seed));
            List<Matrix> a = Stream.generate(() -> matrices.ordinary(m, 8)).limit(batch).toList();
            List<Matrix> b = Stream.generate(() -> matrices.ordinary(8, n)).limit(batch).toList();
            List<Matrix> c = Stream.generate(() -> matrices.ordinary(m, n)).limit(batch).toList();
            List<Matrix> expected = c.stream().map(matrices::copy).toList();
            gemm.multiplyBatch(batch, a::get, b::get, c::get, Epilogue.scaled(3));
            for (int i = 0; i < batch; i++) {
                specification.multiply(a.get(i), b.get(i), expected.get(i), Epilogue.scaled(3));
                assertArrayEquals(Matrices.bits(expected.get(i).memory()), Matrices.bits(c.get(i).memory()));
            }
        }
    }
}
