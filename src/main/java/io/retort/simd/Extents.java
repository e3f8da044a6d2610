package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checks that segments hold what a kernel will touch, once a call, so that inner loops need none. */
final class Extents {
    private Extents() {
    }

    /** Refuses rows {@code [from, to)} of {@code [?, dim]} that are no range. */
    static void range(int dim, int from, int to) {
        if (dim < 1) throw new IllegalArgumentException("rows of " + dim);
        if (from < 0 || from > to) throw new IndexOutOfBoundsException("rows [" + from + ", " + to + ")");
    }

    /** Refuses a segment that does not hold {@code [rows, dim]} floats. */
    static void holds(MemorySegment x, long rows, long dim) {
        if (x.byteSize() / Float.BYTES / dim < rows) {
            throw new IllegalArgumentException(x.byteSize() + " bytes do not hold " + rows + " rows of " + dim);
        }
    }

    /** Refuses elements {@code [from, to)} that are not in every one of the buffers. */
    static void elements(long from, long to, MemorySegment... buffers) {
        for (MemorySegment x : buffers) Objects.checkFromToIndex(from, to, x.byteSize() / Float.BYTES);
    }
}
