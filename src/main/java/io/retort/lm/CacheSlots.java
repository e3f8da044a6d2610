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
import java.util.List;
import java.util.Map;

/**
 * Memory for rows of several tensors of one width, such as the keys and values of tokens, layer by layer {@code [slots,
 * keyValueDim]}, given out in blocks of
 * {@value #BLOCK} slots that sequences share and count. It grows by doubling, which moves it.
 */
final class CacheSlots implements AutoCloseable {
    static final int BLOCK = 16;
    private static final int FIRST_SLOTS = 256;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final int dim;
    private final Map<String, MemorySegment> memory = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private Arena arena = Arena.ofShared();
    /** How many sequences hold each block; a block that none holds is free. */
    private int[] holders = new int[FIRST_SLOTS / BLOCK];

    /**
     * @param names of the tensors
     * @param dim   elements of a row
     */
    CacheSlots(List<String> names, int dim) {
        this.dim = dim;
        try (CloseOnFailure made = new CloseOnFailure()) {
            made.with(arena, Arena::close);
            for (String name : names) memory.put(name, HugePages.allocate(bytes(slots()), arena));
            made.finish();
        }
        makeTensors();
    }

    int slots() {
        return holders.length * BLOCK;
    }

    private long bytes(long rows) {
        return rows * dim * Float.BYTES;
    }

    /** Returns the tensors over this memory, for a run of the graph to read in place, until the memory grows. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    private void makeTensors() {
        Shape shape = Shape.of(slots(), dim);
        memory.forEach((name, rows) -> tensors.put(name, new Tensor(ElementType.F32, shape, rows)));
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
        makeTensors();
    }

    /** Writes the first rows of a run's output, such as tokens' keys, to slots of a tensor. */
    void store(String name, Tensor rows, List<Integer> places) {
        MemorySegment from = rows.data(), to = memory.get(name);
        for (int row = 0; row < places.size(); row++) {
            MemorySegment.copy(from, FLOAT, bytes(row), to, FLOAT, bytes(places.get(row)), dim);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }

    /** Rows that follow each other: the blocks that hold them, in ascending order, each filled from its start. */
    static final class Run {
        private final CacheSlots slots;
        private int[] blocks = new int[4];
        private int[] filled = new int[4];
        private int count;
        private int length;

        Run(CacheSlots slots) {
            this.slots = slots;
        }

        int length() {
            return length;
        }

        /**
         * Returns a slot for one more row. A block that a fork holds too is left as it is, and a new block is begun.
         */
        int extend() {
            int last = count - 1;
            if (last < 0 || filled[last] == BLOCK || slots.isShared(blocks[last])) {
                if (count == blocks.length) {
                    blocks = Arrays.copyOf(blocks, 2 * count);
                    filled = Arrays.copyOf(filled, 2 * count);
                }
                blocks[count] = slots.take(last < 0 ? -1 : blocks[last]);
                filled[count] = 0;
                last = count++;
            }
            length++;
            return blocks[last] * BLOCK + filled[last]++;
        }

        /** Told of rows that lie side by side. */
        interface Stretch {
            /**
             * @param from  slot of the first row, and {@code to} the one after the last
             * @param first number of the first row in its run
             */
            void in(int from, int to, int first);
        }

        /** Tells where the rows lie, in their order. */
        void forEach(Stretch stretch) {
            int first = 0;
            for (int i = 0; i < count; i++) {
                int from = blocks[i] * BLOCK;
                stretch.in(from, from + filled[i], first);
                first += filled[i];
            }
        }

        /** Creates a run of the same rows, which are shared. */
        Run fork() {
            Run fork = new Run(slots);
            fork.blocks = blocks.clone();
            fork.filled = filled.clone();
            fork.count = count;
            fork.length = length;
            for (int i = 0; i < count; i++) slots.hold(blocks[i]);
            return fork;
        }

        /** Gives the blocks back, as far as no fork needs them. */
        void release() {
            for (int i = 0; i < count; i++) slots.release(blocks[i]);
        }
    }
}
