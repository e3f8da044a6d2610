package io.retort.simd;

import static io.retort.simd.TestFloats.assertSame;
import static io.retort.simd.TestFloats.copy;
import static io.retort.simd.TestFloats.random;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddingKernelsTest {
    private static final EmbeddingKernels SPECIFICATION = new ScalarEmbeddingKernels();
    private static final EmbeddingKernels VECTOR = new VectorEmbeddingKernels();
    private static final int VOCABULARY = 11;

    private final Arena arena = Arena.ofConfined();
    private final SplittableRandom random = new SplittableRandom(29);

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void gatherCopiesTheRowsOfItsRangeAndNoOthers() {
        for (int dim : new int[]{1, 15, 16, 17, 100}) {
            int[] ids = random.ints(40, 0, VOCABULARY).toArray();
            MemorySegment table = random(arena, random, VOCABULARY * dim);
            MemorySegment expected = random(arena, random, ids.length * dim), actual = copy(arena, expected);
            SPECIFICATION.gather(table, ids, expected, dim, 3, 37);
            VECTOR.gather(table, ids, actual, dim, 3, 20);
            VECTOR.gather(table, ids, actual, dim, 20, 37);
            assertSame(expected, actual, "dim " + dim);
        }
    }

    @Test
    void scatterAddHasTheSameBitsHoweverColumnsAreShared() {
        for (int dim : new int[]{1, 15, 16, 17, 100}) {
            int[] ids = random.ints(200, 0, VOCABULARY).toArray();
            MemorySegment gradient = random(arena, random, ids.length * dim);
            MemorySegment expected = random(arena, random, VOCABULARY * dim);
            MemorySegment whole = copy(arena, expected), parts = copy(arena, expected);
            SPECIFICATION.scatterAdd(gradient, ids, expected, dim, 0, dim);
            VECTOR.scatterAdd(gradient, ids, whole, dim, 0, dim);
            assertSame(expected, whole, "dim " + dim);
            for (int from = 0; from < dim; from += 7) {
                VECTOR.scatterAdd(gradient, ids, parts, dim, from, Math.min(dim, from + 7));
            }
            assertSame(expected, parts, "dim " + dim + " in parts");
        }
    }

    @Test
    void idsThatAreNoRowsAreRefused() {
        MemorySegment table = arena.allocate(4 * VOCABULARY * 3, 4), rows = arena.allocate(4 * 2 * 3, 4);
        for (EmbeddingKernels k : List.of(SPECIFICATION, VECTOR)) {
            for (int bad : new int[]{-1, VOCABULARY, Integer.MAX_VALUE}) {
                assertThrows(IndexOutOfBoundsException.class,
                        () -> k.gather(table, new int[]{0, bad}, rows, 3, 0, 2));
                assertThrows(IndexOutOfBoundsException.class,
                        () -> k.scatterAdd(rows, new int[]{0, bad}, table, 3, 0, 3));
            }
            assertThrows(IllegalArgumentException.class,
                    () -> k.gather(table, new int[]{0, 0, 0}, rows, 3, 0, 3));
            assertThrows(IndexOutOfBoundsException.class,
                    () -> k.scatterAdd(rows, new int[]{0, 1}, table, 3, 0, 4));
        }
    }
}
