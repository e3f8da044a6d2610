package io.retort.simd;

import static io.retort.simd.Lanes.COUNT;
import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;

/**
 * {@link ElementOp}s of two operands over n floats, rounded up to whole vectors, at byte offsets. A method each, as the
 * JIT compiler makes good code of a loop only where its body is known.
 */
final class BinaryLoops {
    private BinaryLoops() {
    }

    static void run(ElementOp op, MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt,
            int n) {
        switch (op) {
            case ADD -> add(a, aAt, b, bAt, z, zAt, n);
            case SUBTRACT -> subtract(a, aAt, b, bAt, z, zAt, n);
            case MULTIPLY -> multiply(a, aAt, b, bAt, z, zAt, n);
            case DIVIDE -> divide(a, aAt, b, bAt, z, zAt, n);
            case MAXIMUM -> maximum(a, aAt, b, bAt, z, zAt, n);
            case MINIMUM -> minimum(a, aAt, b, bAt, z, zAt, n);
            default -> throw new IllegalArgumentException(op + " of two");
        }
    }

    private static void add(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).add(get(b, bAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void subtract(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt,
            int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).sub(get(b, bAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void multiply(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt,
            int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).mul(get(b, bAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void divide(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).div(get(b, bAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void maximum(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt,
            int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).max(get(b, bAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void minimum(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment z, long zAt,
            int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).min(get(b, bAt + 4L * i)), z, zAt + 4L * i);
    }
}
