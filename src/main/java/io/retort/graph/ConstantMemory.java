package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The constants of a graph, each put into native memory when it is first asked for. Any thread. */
final class ConstantMemory {
    static final int ALIGNMENT = 64;

    private final Arena arena;
    private final Map<String, Tensor> constants;
    private final Map<String, MemorySegment> made = new ConcurrentHashMap<>();
    /** The largest so far of each number: it serves all that are smaller. */
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

    /** At least doubled when it grows: what plans of many shapes ask for stays within twice the largest. */
    private synchronized MemorySegment filled(float value, long elements) {
        MemorySegment before = filled.getOrDefault(value, MemorySegment.NULL);
        long bytes = Float.BYTES * Math.max(1, elements);
        if (before.byteSize() >= bytes) return before;
        MemorySegment memory = arena.allocate(Math.max(bytes, 2 * before.byteSize()), ALIGNMENT);
        for (long i = 0; i < memory.byteSize() / Float.BYTES; i++) memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        filled.put(value, memory);
        return memory;
    }

    /** A tensor's floats in new memory of an arena. */
    static MemorySegment copy(Tensor tensor, Arena arena) {
        MemorySegment memory = arena.allocate(Float.BYTES * Math.max(1, tensor.shape().size()), ALIGNMENT);
        copy(tensor, memory);
        return memory;
    }

    /** A tensor's floats, of whatever type it is, to the start of this memory. */
    static void copy(Tensor tensor, MemorySegment memory) {
        MemorySegment floats = tensor.type() == ElementType.F32
                ? tensor.data()
                : MemorySegment.ofArray(tensor.toFloats());
        memory.copyFrom(floats);
    }
}
