package io.retort.retrieval;

import io.retort.graph.TrainableBuffer;
import io.retort.simd.FlatSum;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The sum of the gradients of several passes, each of which overwrites the one before. A step of a single pass costs
 * nothing. One thread at a time.
 */
final class GradientSum {
    private static final long ALIGNMENT_BYTES = 64;

    private final TrainableBuffer buffer;
    private final WorkerPool pool;
    private final Arena arena;
    private MemorySegment sum;
    private boolean empty = true;

    GradientSum(TrainableBuffer buffer, WorkerPool pool, Arena arena) {
        this.buffer = buffer;
        this.pool = pool;
        this.arena = arena;
    }

    /** Adds the buffer's gradients, which the next pass may then overwrite. */
    void keep() {
        if (sum == null) sum = arena.allocate(buffer.layout().bytes(), ALIGNMENT_BYTES);
        if (empty) sum.copyFrom(buffer.gradients());
        else FlatSum.add(sum, buffer.gradients(), 1, pool);
        empty = false;
    }

    /** Adds what was kept to the buffer's gradients, those of the last pass, and forgets it. */
    void finish() {
        if (!empty) FlatSum.add(buffer.gradients(), sum, 1, pool);
        empty = true;
    }
}
