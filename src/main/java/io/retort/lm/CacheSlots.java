package io.retort.lm;

import io.retort.graph.CloseOnFailure;
import io.retort.simd.HugePages;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Memory for the keys and values of tokens, layer by layer {@code [slots, keyValueDim]}, given out in blocks of
 * {@value #BLOCK} slots that sequences share and count. It grows by doubling, which moves it.
 */
final class CacheSlots implements AutoCloseable {
    static final int BLOCK = 16;
    private static final int FIRST_SLOTS = 256;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private final DecoderConfig config;
    private final Map<String, MemorySegment> memory = new LinkedHashMap<>();
    private Arena arena = Arena.ofShared();
    /** How many sequences hold each block; a block that none holds is free. */
    private int[] holders = new int[FIRST_SLOTS / BLOCK];

    CacheSlots(DecoderConfig config) {
        this.config = config;
        try (CloseOnFailure made = new CloseOnFailure()) {
            made.with(arena, Arena::close);
            for (int layer = 0; layer < config.layers(); layer++) {
                for (String what : new String[]{"key", "value"}) {
                    memory.put(TransformerDecoder.past(layer, what), HugePages.allocate(bytes(slots()), arena));
                }
            }
            made.finish();
        }
    }

    int slots() {
        return holders.length * BLOCK;
    }

    private long bytes(long rows) {
        return rows * config.keyValueDim() * Float.BYTES;
    }

    /**
     * Returns the keys and values of all layers as tensors over this memory, for a run of the graph to read in place.
     */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Shape shape = Shape.of(slots(), config.keyValueDim());
        memory.forEach((name, rows) -> tensors.put(name, new Tensor(ElementType.F32, shape, rows)));
        return tensors;
    }

    /**
     * Takes a free block whose number is above {@code after}, or any if that is -1, so that the slots of a sequence
     * stay in the order of its tokens.
     */
    int take(int after) {
        for (int block = after + 1; block < holders.length; block++) {
            if (holders[block] == 0) return hold(block);
        }
        int first = Math.max(after + 1, holders.length);
        grow();
        return hold(first);
    }

    int hold(int block) {
        holders[block]++;
        return block;
    }

    void release(int block) {
        holders[block]--;
    }

    boolean isShared(int block) {
        return holders[block] > 1;
    }

    /** Doubles the memory. Where there is not enough for that, everything stays as it was. */
    private void grow() {
        int blocks = Math.multiplyExact(2, holders.length);
        Map<String, MemorySegment> moved = new LinkedHashMap<>();
        try (CloseOnFailure made = new CloseOnFailure()) {
            Arena wider = made.with(Arena.ofShared(), Arena::close);
            memory.forEach((name, old) -> moved.put(name,
                    HugePages.allocate(bytes((long) blocks * BLOCK), wider).copyFrom(old)));
            arena.close();
            arena = wider;
            made.finish();
        }
        memory.putAll(moved);
        holders = Arrays.copyOf(holders, blocks);
    }

    /** Writes one row of a run's output, a token's key or value, to a slot. */
    void store(int layer, String what, float[] rows, int row, int slot) {
        int dim = config.keyValueDim();
        MemorySegment.copy(rows, row * dim, memory.get(TransformerDecoder.past(layer, what)), FLOAT, bytes(slot), dim);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }
}
