package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixKernelsTest {
    private static final MatrixKernels SPECIFICATION = new ScalarMatrixKernels();
    private static final List<MatrixKernels> OTHERS = List.of(new VectorMatrixKernels(new Tile6x4()),
            new VectorMatrixKernels(new Tile6x2()), new PlainMatrixKernels(16));

    @Property(tries = 400)
    void everyShapeAndLayoutHasTheBitsOfTheSpecification(@ForAll @IntRange(min = 1, max = 40) int m,
            @ForAll @IntRange(max = 40) int k, @ForAll @IntRange(min = 1, max = 70) int n, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, random);
            Matrix a = matrices.ordinary(m, k), b = matrices.ordinary(k, n), c = matrices.ordinary(m, n);
            Epilogue epilogue = epilogue(matrices, random, m, n);
            assertSameBits(matrices, a, b, c, epilogue, scratch);
        }
    }

    @Property(tries = 200)
    void infinitiesNaNAndDenormalsGoWhereTheSpecificationHasThem(@ForAll @IntRange(min = 1, max = 20) int m,
            @ForAll @IntRange(min = 1, max = 20) int k, @ForAll @IntRange(min = 1, max = 40) int n,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, random);
            Matrix a = matrices.hostile(m, k, .02), b = matrices.hostile(k, n, .02), c = matrices.ordinary(m, n);
            assertSameBits(matrices, a, b, c, epilogue(matrices, random, m, n), scratch);
        }
    }

    private static Epilogue epilogue(Matrices matrices, SplittableRandom random, int m, int n) {
        Epilogue epilogue = Epilogue.NONE;
        if (random.nextBoolean()) epilogue = epilogue.withScale(.3f);
        if (random.nextBoolean()) epilogue = epilogue.withBias(matrices.vector(n));
        if (random.nextBoolean()) epilogue = epilogue.withAddend(matrices.ordinary(m, n));
        return epilogue;
    }

    private static void assertSameBits(Matrices matrices, Matrix a, Matrix b, Matrix c, Epilogue epilogue,
            Scratch scratch) {
        Matrix expected = matrices.copy(c);
        multiply(SPECIFICATION, a, b, expected, epilogue, scratch);
        for (MatrixKernels kernels : OTHERS) {
            Matrix actual = matrices.copy(c);
            multiply(kernels, a, b, actual, epilogue, scratch);
            assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(actual.memory()), kernels.name());
        }
    }

    private static void multiply(MatrixKernels kernels, Matrix a, Matrix b, Matrix c, Epilogue epilogue,
            Scratch scratch) {
        PackedMatrix packed = packed(kernels, b);
        kernels.multiply(a, packed, c, epilogue, new Block(0, c.rows(), 0, kernels.panels(c.columns())), scratch);
    }

    private static PackedMatrix packed(MatrixKernels kernels, Matrix b) {
        try (WorkerPool alone = new WorkerPool(1)) {
            PackedMatrix packed = PackedMatrix.pack(kernels, b, alone, Arena.ofAuto());
            PackedMatrix filled = PackedMatrix.over(kernels, Arena.ofAuto().allocate(packed.memory().byteSize()),
                    b.rows(), b.columns());
            filled.fill(kernels, b, alone);
            assertArrayEquals(Matrices.bits(filled.memory()), Matrices.bits(packed.memory()), "at the start and later");
            return packed;
        }
    }

    @Property(tries = 100)
    void aBlockWritesItsOwnElementsOnly(@ForAll @IntRange(min = 1, max = 30) int m,
            @ForAll @IntRange(min = 1, max = 100) int n, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, random);
            Matrix a = matrices.ordinary(m, 5), b = matrices.ordinary(5, n), c = matrices.ordinary(m, n);
            for (MatrixKernels kernels : List.of(SPECIFICATION, OTHERS.get(0), OTHERS.get(1))) {
                int panels = kernels.panels(n), fromRow = random.nextInt(m + 1), fromPanel = random.nextInt(panels + 1);
                Block block = new Block(fromRow, fromRow + random.nextInt(m - fromRow + 1), fromPanel,
                        fromPanel + random.nextInt(panels - fromPanel + 1));
                Matrix whole = matrices.copy(c), part = matrices.copy(c);
                multiply(kernels, a, b, whole, Epilogue.NONE, scratch);
                kernels.multiply(a, packed(kernels, b), part, Epilogue.NONE, block, scratch);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        int panel = j / kernels.panelColumns();
                        boolean inside = i >= block.fromRow() && i < block.toRow() && panel >= block.fromPanel()
                                && panel < block.toPanel();
                        assertEquals((inside ? whole : c).get(i, j), part.get(i, j));
                    }
                }
            }
        }
    }

    @Property(tries = 60)
    void activationsAreThoseOfTheSpecificationToAFewUnits(@ForAll @IntRange(min = 1, max = 20) int m,
            @ForAll @IntRange(min = 1, max = 70) int n, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, random);
            Matrix a = matrices.ordinary(m, 3), b = matrices.ordinary(3, n), c = matrices.ordinary(m, n);
            for (Activation activation : Activation.values()) {
                Epilogue epilogue = Epilogue.bias(matrices.vector(n)).withScale(10).withActivation(activation);
                Matrix expected = matrices.copy(c);
                multiply(SPECIFICATION, a, b, expected, epilogue, scratch);
                for (MatrixKernels kernels : OTHERS) {
                    multiply(kernels, a, b, c, epilogue, scratch);
                    for (int i = 0; i < m; i++) {
                        for (int j = 0; j < n; j++) {
                            double few = Math.max(1e-6, 4 * Math.ulp(expected.get(i, j)));
                            assertEquals(expected.get(i, j), c.get(i, j), few, kernels.name());
                        }
                    }
                }
            }
        }
    }

    @Property(tries = 60)
    void theSpecificationKeepsItsErrorBound(@ForAll @IntRange(min = 1, max = 300) int k, @ForAll long seed) {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(seed));
            Matrix a = matrices.ordinary(3, k), b = matrices.ordinary(k, 3), c = matrices.ordinary(3, 3);
            multiply(SPECIFICATION, a, b, c, Epilogue.NONE, scratch);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    double exact = 0, magnitude = 0;
                    for (int l = 0; l < k; l++) {
                        double term = (double) a.get(i, l) * b.get(l, j);
                        exact += term;
                        magnitude += Math.abs(term);
                    }
                    double bound = 1.01 * k * 0x1p-24 * magnitude;
                    assertTrue(Math.abs(c.get(i, j) - exact) <= bound, c.get(i, j) + " for " + exact);
                }
            }
        }
    }

    @Test
    void matricesInMappedFilesHaveTheSameProduct(@TempDir Path folder) throws IOException {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(6));
            Matrix a = matrices.ordinary(9, 33), b = matrices.ordinary(33, 40), c = matrices.ordinary(9, 40);
            for (MatrixKernels kernels : OTHERS) {
                Matrix expected = matrices.copy(c), actual = mapped(folder.resolve("c"), c, arena);
                multiply(kernels, a, b, expected, Epilogue.addend(c), scratch);
                multiply(kernels, mapped(folder.resolve("a"), a, arena), mapped(folder.resolve("b"), b, arena), actual,
                        Epilogue.addend(actual), scratch);
                assertArrayEquals(Matrices.bits(expected.memory()), Matrices.bits(actual.memory()));
            }
        }
    }

    private static Matrix mapped(Path file, Matrix matrix, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, matrix.memory().byteSize(), arena);
            memory.copyFrom(matrix.memory());
            return new Matrix(memory, matrix.offset(), matrix.rows(), matrix.columns(), matrix.rowStride(),
                    matrix.columnStride());
        }
    }

    @Test
    void theAddendMayBeTheResultItself() {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(3));
            Matrix a = matrices.ordinary(9, 4), b = matrices.ordinary(4, 50), c = matrices.ordinary(9, 50);
            for (MatrixKernels kernels : OTHERS) {
                Matrix apart = matrices.copy(c), inPlace = matrices.copy(c);
                multiply(kernels, a, b, apart, Epilogue.addend(c), scratch);
                multiply(kernels, a, b, inPlace, Epilogue.addend(inPlace), scratch);
                assertArrayEquals(Matrices.bits(apart.memory()), Matrices.bits(inPlace.memory()));
            }
        }
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(4));
            Matrix a = matrices.ordinary(5, 6), b = matrices.ordinary(6, 7), c = matrices.ordinary(5, 7);
            for (MatrixKernels kernels : List.of(SPECIFICATION, OTHERS.getFirst())) {
                PackedMatrix packed = packed(kernels, b);
                Block block = new Block(0, 5, 0, 1);
                assertRefused(kernels, a.columns(0, 5), packed, c, Epilogue.NONE, block, scratch);
                assertRefused(kernels, a.rows(0, 4), packed, c, Epilogue.NONE, block, scratch);
                assertRefused(kernels, a, packed, c.columns(0, 6), Epilogue.NONE, block, scratch);
                assertRefused(kernels, a, packed, c, Epilogue.bias(matrices.vector(6)), block, scratch);
                assertRefused(kernels, a, packed, c, Epilogue.addend(a), block, scratch);
                assertRefused(kernels, a, new PackedMatrix(packed.memory(), 6, 7, 1), c, Epilogue.NONE, block, scratch);
                assertThrows(IndexOutOfBoundsException.class, () -> kernels.multiply(a, packed, c, Epilogue.NONE,
                        new Block(0, 6, 0, 1), scratch));
                assertThrows(IndexOutOfBoundsException.class, () -> kernels.pack(b, packed.memory(), 0, 8));
                assertThrows(IllegalArgumentException.class,
                        () -> kernels.pack(b, packed.memory().asSlice(4), 0, 1));
                assertThrows(IllegalArgumentException.class,
                        () -> PackedMatrix.over(kernels, packed.memory().asSlice(4), 6, 7));
            }
        }
    }

    private static void assertRefused(MatrixKernels kernels, Matrix a, PackedMatrix b, Matrix c, Epilogue epilogue,
            Block block, Scratch scratch) {
        assertThrows(IllegalArgumentException.class, () -> kernels.multiply(a, b, c, epilogue, block, scratch));
    }
}
