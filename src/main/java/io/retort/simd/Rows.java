package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Row-major matrix {@code [count, dims]} without gaps, little-endian, on or off the heap, usually mapped from a file.
 * Any number of threads may read it for as long as its arena is open.
 *
 * @param format how its rows are stored
 */
public record Rows(MemorySegment data, int count, int dims, RowFormat format) {
    /**
     * Checks that the segment and the counts agree.
     *
     * @throws IllegalArgumentException if the segment does not hold exactly {@code count} rows
     */
    public Rows {
        Objects.requireNonNull(data);
        Objects.requireNonNull(format);
        if (count < 0 || dims < 1) throw new IllegalArgumentException("rows " + count + " x " + dims);
        long stride = format.stride(dims);
        if (data.byteSize() / stride != count || data.byteSize() != count * stride) {
            throw new IllegalArgumentException(data.byteSize() + " bytes are not " + count + " rows of " + dims + " in "
                    + format);
        }
    }

    /** A matrix of float32. */
    public Rows(MemorySegment data, int count, int dims) {
        this(data, count, dims, RowFormat.F32);
    }

    /** Bytes of one row, and so from a row to the next. */
    public long stride() {
        return format.stride(dims);
    }

    /** Byte offset of a row. */
    public long offset(int row) {
        return row * stride();
    }

    /**
     * Computes the values that a row stands for.
     *
     * @param values {@code [>= dims]}
     */
    public void read(int row, float[] values) {
        format.read(data, offset(row), values, dims);
    }

    /** The values that a row stands for. */
    public float[] read(int row) {
        float[] values = new float[dims];
        read(row, values);
        return values;
    }
}
