package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * Tells the JIT compiler of what class a segment is. Where it does not know, it goes by the profile of the JDK's
 * methods, which the whole JVM shares: once any code has had vectors in a mapped file or, as the JDK itself does before
 * vector code is compiled, in an array, every access tests the class and the loop is two to three times slower.
 */
final class OffHeap {
    private static final Class<?> TYPE = MemorySegment.NULL.getClass();

    private OffHeap() {
    }

    /**
     * Returns the same memory as a segment whose class the JIT compiler knows.
     *
     * @throws IllegalArgumentException if it is an array's
     */
    static MemorySegment of(MemorySegment memory) {
        MemorySegment plain = memory.getClass() == TYPE ? memory : unmapped(memory);
        if (plain.getClass() != TYPE) throw new IllegalArgumentException("memory on the heap: " + memory);
        return plain;
    }

    /** A view of a mapped file whose class is that of ordinary memory; it has the same length and lives as long. */
    @SuppressWarnings("restricted")
    private static MemorySegment unmapped(MemorySegment memory) {
        return memory.isNative() ? memory.reinterpret(memory.byteSize()) : memory;
    }
}
