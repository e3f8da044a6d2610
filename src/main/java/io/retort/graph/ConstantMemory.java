package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The constants of a graph, each put into native memory when it is first asked for. Any thread. */
final class ConstantMemory {
    static final int ALIGNMENT = 64;

    private final Arena arena;
    private final Map<String, Tensor> constants;
    private final Map<Storage, MemorySegment> made = new ConcurrentHashMap<>();

    ConstantMemory(Arena arena, Map<String, Tensor> constants) {
        this.arena = arena;
        this.constants = constants;
    }

    MemorySegment memory(Storage storage) {
        return made.computeIfAbsent(storage, s -> switch (s) {
            case Storage.Constant(String name) -> copy(constants.get(name), arena);
            case Storage.Filled(float value, long elements) -> filled(value, elements);
            default -> throw new AssertionError(s);
        });
    }

    private MemorySegment filled(float value, long elements) {
        MemorySegment memory = arena.allocate(Float.BYTES * Math.max(1, elements), ALIGNMENT);
        for (long i = 0; i < elements; i++) memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
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
