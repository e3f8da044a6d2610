package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Segments of floats for tests; each ends where its last float does, so that nothing beyond it can be touched. */
final class TestFloats {
    private TestFloats() {
    }

    /** Normally distributed. */
    static MemorySegment random(Arena arena, SplittableRandom random, int count) {
        MemorySegment x = arena.allocate(4L * count, 4);
        for (int i = 0; i < count; i++) Floats.set(x, i, (float) random.nextGaussian());
        return x;
    }

    static MemorySegment copy(Arena arena, MemorySegment x) {
        return arena.allocate(x.byteSize(), 4).copyFrom(x);
    }

    static MemorySegment of(Arena arena, float... values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    /** Every element within {@code absolute + relative |expected|}, NaN where NaN is expected. */
    static void assertClose(MemorySegment expected, MemorySegment actual, double relative, double absolute,
            String what) {
        float[] x = expected.toArray(ValueLayout.JAVA_FLOAT), y = actual.toArray(ValueLayout.JAVA_FLOAT);
        assertEquals(x.length, y.length);
        for (int i = 0; i < x.length; i++) {
            double bound = absolute + (Float.isFinite(x[i]) ? relative * Math.abs(x[i]) : 0);
            assertEquals(x[i], y[i], bound, what + " at " + i);
        }
    }

    /** The same bits. */
    static void assertSame(MemorySegment expected, MemorySegment actual, String what) {
        long at = expected.mismatch(actual);
        assertEquals(-1, at, () -> what + " at " + at / 4 + ": " + Floats.get(expected, at / 4) + " and "
                + Floats.get(actual, at / 4));
    }
}
