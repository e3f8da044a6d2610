package io.retort.model;

import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The sum of the gradients of several passes, each of which overwrites the one before. A step of a single pass costs
 * nothing. One thread at a time.
 */
final class GradientSum {
    private static final long ALIGNMENT_BYTES = 64;
    private static final int GRAIN = 1 << 14;
    /** Descent by rate −1 is addition. */
    private static final OptimizerStep ADD = new OptimizerStep(1, -1, 0, 0, 0, 0, 1, 1);

    private final TrainableBuffer buffer;
    private final WorkerPool pool;
    private final Arena arena;
    private final OptimizerKernels kernels = OptimizerKernels.best();
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
        else add(sum, buffer.gradients());
        empty = false;
    }

    /** Adds what was kept to the buffer's gradients, those of the last pass, and forgets it. */
    void finish() {
        if (!empty) add(buffer.gradients(), sum);
        empty = true;
    }

    private void add(MemorySegment to, MemorySegment from) {
        long size = buffer.size();
        pool.forRanges(Math.toIntExact((size + GRAIN - 1) / GRAIN), 1, (slot, first, last) -> kernels.sgd(ADD, to,
                from, (long) first * GRAIN, Math.min(size, (long) last * GRAIN)));
    }
}
