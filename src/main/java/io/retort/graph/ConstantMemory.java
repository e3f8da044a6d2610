package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the constants of a graph in native memory, where kernels read them; each is copied there when it is first asked
 * for. Safe to use from any thread.
 */
final class ConstantMemory {
    static final int ALIGNMENT = 64;

    private final Arena arena;
    private final Map<String, Tensor> constants;
    private final Map<String, MemorySegment> made = new ConcurrentHashMap<>();
    /** For each number, the longest memory filled with it so far; it serves all requests that are shorter. */
    private final Map<Float, MemorySegment> filled = new HashMap<>();

    ConstantMemory(Arena arena, Map<String, Tensor> constants) {
        this.arena = arena;
        this.constants = constants;
    }

    MemorySegment memory(Storage storage) {
        return switch (storage) {
            case Storage.Constant(String name) -> made.computeIfAbsent(name, n -> copy(constants.get(n), arena));
            case Storage.Filled(float value, long elements) -> filled(value, elements);
            default -> throw new AssertionError(storage);
        };
    }

    /**
     * Returns memory that holds {@code elements} copies of the number or more. Memory at least doubles when it grows,
     * so that plans of many shapes together take at most twice the largest.
     */
    private synchronized MemorySegment filled(float value, long elements) {
        MemorySegment before = filled.getOrDefault(value, MemorySegment.NULL);
        long bytes = Float.BYTES * Math.max(1, elements);
        if (before.byteSize() >= bytes) return before;
        MemorySegment memory = arena.allocate(Math.max(bytes, 2 * before.byteSize()), ALIGNMENT);
        for (long i = 0; i < memory.byteSize() / Float.BYTES; i++) memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        filled.put(value, memory);
        return memory;
    }

    /** Copies a tensor's elements, as floats, into new memory of the arena. */
    static MemorySegment copy(Tensor tensor, Arena arena) {
        MemorySegment memory = arena.allocate(Float.BYTES * Math.max(1, tensor.shape().size()), ALIGNMENT);
        copy(tensor, memory);
        return memory;
    }

    /** Copies a tensor's elements, of whatever type, as floats to the start of the memory. */
    static void copy(Tensor tensor, MemorySegment memory) {
        MemorySegment floats = tensor.type() == ElementType.F32
                ? tensor.data()
                : MemorySegment.ofArray(tensor.toFloats());
        memory.copyFrom(floats);
    }
}
