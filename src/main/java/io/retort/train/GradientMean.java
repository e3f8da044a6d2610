package io.retort.train;

import io.retort.model.TrainableBuffer;
import io.retort.simd.FlatSum;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The weighted mean of the gradients of several passes, each of which overwrites the one before; takes as much memory as
 * the gradients themselves. One thread at a time.
 */
final class GradientMean implements AutoCloseable {
    private static final long ALIGNMENT_BYTES = 64;

    private final List<TrainableBuffer> buffers;
    private final List<MemorySegment> sums;
    private final WorkerPool pool;
    private final Arena arena = Arena.ofShared();

    GradientMean(List<TrainableBuffer> buffers, WorkerPool pool) {
        this.buffers = buffers;
        this.pool = pool;
        try {
            this.sums = buffers.stream().map(buffer -> arena.allocate(buffer.layout().bytes(), ALIGNMENT_BYTES))
                    .toList();
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /** Begins a new mean. */
    void clear() {
        sums.forEach(sum -> sum.fill((byte) 0));
    }

    /** Adds the buffers' present gradients. */
    void add(double weight) {
        for (int i = 0; i < sums.size(); i++) FlatSum.add(sums.get(i), buffers.get(i).gradients(), weight, pool);
    }

    /** Puts the mean where the last gradients are. */
    void finish() {
        for (int i = 0; i < sums.size(); i++) buffers.get(i).gradients().copyFrom(sums.get(i));
    }

    @Override
    public void close() {
        arena.close();
    }
}
