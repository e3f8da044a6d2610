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
    /** How many slots of each block were given out since it was taken. */
    private int[] used = new int[FIRST_SLOTS / BLOCK];
    /** The block that was last taken to go on from each block; -1 for none. */
    private int[] followers = new int[FIRST_SLOTS / BLOCK];

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
    private int take(int after) {
        int block = after + 1;
        while (block < holders.length && holders[block] != 0) block++;
        if (block == holders.length) grow();
        used[block] = 0;
        followers[block] = -1;
        return hold(block);
    }

    private int takeAfter(int block) {
        int follower = take(block);
        followers[block] = follower;
        return follower;
    }

    private int hold(int block) {
        holders[block]++;
        return block;
    }

    private void release(int block) {
        holders[block]--;
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
        used = Arrays.copyOf(used, blocks);
        followers = Arrays.copyOf(followers, blocks);
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

    /**
     * Rows that follow each other: ranges of slots, in ascending order. Blocks hold rows of several runs only where runs
     * were forked a moment ago, as those of a beam are at every token: one block each would be nearly empty. Runs that
     * go on alone have blocks of their own, so that their rows lie side by side.
     */
    static final class Run {
        /** A run that was forked at most this many rows ago shares blocks. */
        private static final int MOMENT = 4;

        private final CacheSlots slots;
        private int[] blocks = new int[4]; // held, ascending
        private int[] starts = new int[4];
        private int[] ends = new int[4];
        private int held;
        private int ranges;
        private int length;
        private int sinceFork = MOMENT + 1;

        Run(CacheSlots slots) {
            this.slots = slots;
        }

        int length() {
            return length;
        }

        /** Returns a slot for one more row, which no other run has. */
        int extend() {
            int slot = nextSlot();
            slots.used[slot / BLOCK] = slot % BLOCK + 1;
            if (ranges > 0 && ends[ranges - 1] == slot) {
                ends[ranges - 1]++;
            } else {
                if (ranges == starts.length) {
                    starts = Arrays.copyOf(starts, 2 * ranges);
                    ends = Arrays.copyOf(ends, 2 * ranges);
                }
                starts[ranges] = slot;
                ends[ranges++] = slot + 1;
            }
            length++;
            sinceFork++;
            return slot;
        }

        private int nextSlot() {
            if (held == 0) return hold(slots.take(-1));
            int last = blocks[held - 1], free = slots.used[last];
            boolean forked = sinceFork <= MOMENT;
            if (free < BLOCK && (forked || ends[ranges - 1] == last * BLOCK + free)) return last * BLOCK + free;
            int next = slots.followers[last];
            if (forked && next >= 0 && slots.holders[next] > 0 && slots.used[next] < BLOCK) {
                return hold(slots.hold(next));
            }
            return hold(slots.takeAfter(last));
        }

        /** Notes a block that was taken, and returns the first of its slots that is free. */
        private int hold(int block) {
            if (held == blocks.length) blocks = Arrays.copyOf(blocks, 2 * held);
            blocks[held++] = block;
            return block * BLOCK + slots.used[block];
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
            for (int i = 0; i < ranges; i++) {
                stretch.in(starts[i], ends[i], first);
                first += ends[i] - starts[i];
            }
        }

        /** Creates a run of the same rows, which are shared. */
        Run fork() {
            Run fork = new Run(slots);
            fork.blocks = blocks.clone();
            fork.starts = starts.clone();
            fork.ends = ends.clone();
            fork.held = held;
            fork.ranges = ranges;
            fork.length = length;
            fork.sinceFork = sinceFork = 0;
            for (int i = 0; i < held; i++) slots.hold(blocks[i]);
            return fork;
        }

        /** Gives the blocks back, as far as no fork needs them. */
        void release() {
            for (int i = 0; i < held; i++) slots.release(blocks[i]);
        }
    }
}
