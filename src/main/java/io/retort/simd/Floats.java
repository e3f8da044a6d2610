package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads and writes single little-endian floats of a segment, by index. */
final class Floats {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private Floats() {
    }

    static float get(MemorySegment x, long i) {
        return x.get(FLOAT, 4 * i);
    }

    static void set(MemorySegment x, long i, float value) {
        x.set(FLOAT, 4 * i, value);
    }

    static void add(MemorySegment x, long i, float value) {
        set(x, i, get(x, i) + value);
    }
}
