package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * View of a float32 matrix in memory, row-major or strided: element (i, j) is the little-endian float at byte offset
 * {@code offset + 4 (i rowStride + j columnStride)}. A view owns nothing: it is as alive, and as safe to share, as its
 * memory.
 *
 * @param memory       off the heap, holds every element
 * @param offset       of element (0, 0), in bytes
 * @param rows         0 or more
 * @param columns      0 or more
 * @param rowStride    elements from a row to the next, 0 or more
 * @param columnStride elements from a column to the next, 0 or more
 */
public record Matrix(MemorySegment memory, long offset, int rows, int columns, long rowStride, long columnStride) {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * @throws IllegalArgumentException  if the memory is on the heap, or a count or stride is negative
     * @throws IndexOutOfBoundsException if an element lies outside of the memory
     */
    public Matrix {
        if (!memory.isNative()) throw new IllegalArgumentException("matrix on the heap: " + memory);
        if (rows < 0 || columns < 0 || rowStride < 0 || columnStride < 0) {
            throw new IllegalArgumentException(
                    rows + " x " + columns + " with strides " + rowStride + ", " + columnStride);
        }
        if (rows > 0 && columns > 0) {
            long last = Math.addExact(Math.multiplyExact(rows - 1L, rowStride),
                    Math.multiplyExact(columns - 1L, columnStride));
            long bytes = Math.multiplyExact(Float.BYTES, Math.addExact(last, 1L));
            Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
        }
    }

    /** A row-major matrix without gaps, from the start of the memory on. */
    public static Matrix of(MemorySegment memory, int rows, int columns) {
        return of(memory, 0, rows, columns);
    }

    /** A row-major matrix without gaps, from a byte offset on. */
    public static Matrix of(MemorySegment memory, long offset, int rows, int columns) {
        return new Matrix(memory, offset, rows, columns, columns, 1);
    }

    /** The transposed view: the same elements with rows as columns. */
    public Matrix transposed() {
        return new Matrix(memory, offset, columns, rows, columnStride, rowStride);
    }

    /** The view of rows {@code [from, to)}. */
    public Matrix rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        return new Matrix(memory, offset(from, 0), to - from, columns, rowStride, columnStride);
    }

    /** The view of columns {@code [from, to)}. */
    public Matrix columns(int from, int to) {
        Objects.checkFromToIndex(from, to, columns);
        return new Matrix(memory, offset(0, from), rows, to - from, rowStride, columnStride);
    }

    /** Byte offset of element (i, j), unchecked. */
    long offset(int i, int j) {
        return offset + Float.BYTES * (i * rowStride + j * columnStride);
    }

    /** Bytes from a row to the next. */
    long rowBytes() {
        return Float.BYTES * rowStride;
    }

    /** Bytes from a column to the next. */
    long columnBytes() {
        return Float.BYTES * columnStride;
    }

    float get(int i, int j) {
        return memory.get(FLOAT, offset(i, j));
    }

    void set(int i, int j, float value) {
        memory.set(FLOAT, offset(i, j), value);
    }
}
