package io.retort.tensor;

import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/**
 * Reorders the rows that rotary position embedding turns in pairs. Of a head's {@code d} rows, llama.cpp turns rows 2j
 * and 2j + 1 together, transformers rows j and j + d/2, so llama.cpp's converter permutes the rows.
 */
final class RotaryRows {
    private RotaryRows() {}

    /**
     * Returns a copy of the rows in transformers' order.
     *
     * @param stored rows of equal size, whatever their elements
     * @param rows how many; a multiple of {@code 2 heads}
     * @param memory makes the memory for the copy, of as many bytes as it is asked for
     */
    static MemorySegment halves(MemorySegment stored, int rows, int heads, LongFunction<MemorySegment> memory) {
        if (rows == 0) return stored;
        long rowBytes = stored.byteSize() / rows;
        MemorySegment halves = memory.apply(stored.byteSize());
        int half = rows / heads / 2;
        for (int head = 0; head < heads; head++) {
            for (int j = 0; j < half; j++) {
                long pair = (2L * (head * half + j)) * rowBytes;
                long first = (2L * head * half + j) * rowBytes;
                MemorySegment.copy(stored, pair, halves, first, rowBytes);
                MemorySegment.copy(stored, pair + rowBytes, halves, first + half * rowBytes, rowBytes);
            }
        }
        return halves;
    }

    /** Makes memory on the heap, of floats where they fit, so that a plain F32 tensor hands out its array. */
    static MemorySegment onHeap(long bytes) {
        return bytes % Float.BYTES == 0
                ? MemorySegment.ofArray(new float[Math.toIntExact(bytes / Float.BYTES)])
                : MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    }
}
