package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * All of the process's memory as one segment that is a constant, so that the JIT compiler needs no check of its own for
 * an address that is known to be positive. For loops whose addresses have been checked before, of memory that nobody
 * frees meanwhile: that of a program which counts who runs in it, the workspace and inputs that it computes with, and
 * scratch memory.
 */
final class AllMemory {
    @SuppressWarnings("restricted")
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /** Clears the two highest bits, which no address of a process has. */
    private static final long POSITIVE = Long.MAX_VALUE >> 1;

    private AllMemory() {
    }

    /**
     * The address of a segment's start.
     *
     * @throws IllegalArgumentException if it is an array's, or has fewer than so many bytes
     * @throws IllegalStateException    if it has been freed
     */
    static long addressOf(MemorySegment memory, long bytes) {
        MemorySegment segment = OffHeap.of(memory);
        if (segment.byteSize() < bytes) {
            throw new IllegalArgumentException("memory of " + segment.byteSize() + " bytes, " + bytes + " are needed");
        }
        if (bytes > 0) segment.get(ValueLayout.JAVA_BYTE, 0);
        return segment.address();
    }

    /** The same address, as one that the compiler knows to be positive, and so, too, with something small added to it. */
    static long positive(long address) {
        return address & POSITIVE;
    }
}
