package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Row-major matrix {@code [count, dims]} of little-endian float32 without gaps, on or off the heap, usually mapped from
 * a file. Any number of threads may read it for as long as its arena is open.
 */
public record Rows(MemorySegment data, int count, int dims) {
    /**
     * Checks that the segment and the counts agree.
     *
     * @throws IllegalArgumentException if the segment does not hold exactly {@code count} rows
     */
    public Rows {
        Objects.requireNonNull(data);
        if (count < 0 || dims < 1) throw new IllegalArgumentException("rows " + count + " x " + dims);
        if (data.byteSize() / Float.BYTES / dims != count || data.byteSize() != count * 4L * dims) {
            throw new IllegalArgumentException(data.byteSize() + " bytes are not " + count + " rows of " + dims);
        }
    }

    /** Bytes of one row, and so from a row to the next. */
    public long stride() {
        return (long) Float.BYTES * dims;
    }

    /** Byte offset of a row. */
    public long offset(int row) {
        return row * stride();
    }
}
