package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MatrixTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(4 * 24);

    MatrixTest() {
        for (int i = 0; i < 24; i++) memory.set(Matrix.FLOAT, 4L * i, i);
    }

    @Test
    void viewsOfViewsFindTheirElements() {
        Matrix matrix = Matrix.of(memory, 4, 6);
        assertEquals(6 * 2 + 5, matrix.get(2, 5));
        assertEquals(6 * 2 + 5, matrix.transposed().get(5, 2));
        Matrix part = matrix.rows(1, 4).columns(2, 5);
        assertEquals(6 * (1 + 2) + 2 + 1, part.get(2, 1));
        assertEquals(6 * (1 + 2) + 2 + 1, part.transposed().columns(1, 3).get(1, 1));
        assertEquals(7 + 6 * 1 + 5, Matrix.of(memory, 28, 2, 6).get(1, 5));
    }

    @Test
    void emptyViewsAreAllowedAtTheEnd() {
        Matrix matrix = Matrix.of(memory, 4, 6);
        assertEquals(0, matrix.rows(4, 4).rows());
        assertEquals(0, matrix.columns(6, 6).columns());
    }

    @Test
    void memoryOnTheHeapIsRefused() {
        MemorySegment heap = MemorySegment.ofArray(new float[24]);
        assertThrows(IllegalArgumentException.class, () -> Matrix.of(heap, 4, 6));
        assertThrows(IllegalArgumentException.class, () -> new PackedMatrix(heap, 4, 6, 6));
    }

    @Test
    void elementsOutsideOfTheMemoryAreRefused() {
        assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(memory, 5, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(memory, 4, 4, 6));
        assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(memory, -4, 4, 6));
        assertThrows(IndexOutOfBoundsException.class, () -> new Matrix(memory, 0, 4, 6, 6, 2));
        assertThrows(IllegalArgumentException.class, () -> new Matrix(memory, 0, 4, 6, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Matrix(memory, 0, -4, 6, 6, 1));
        assertThrows(ArithmeticException.class, () -> new Matrix(memory, 0, 3, 1, Long.MAX_VALUE / 2 + 1, 1));
        Matrix matrix = Matrix.of(memory, 4, 6);
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(0, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.columns(3, 2));
    }
}
