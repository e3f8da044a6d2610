package io.retort.simd;

import java.lang.foreign.MemorySegment;

/** {@code to += weight from} over flat buffers of one layout: gradients of several passes. Any thread. */
public final class FlatSum {
    /** Elements a thread takes at a time: the streams of a range stay in the level 2 cache. */
    private static final int GRAIN = 1 << 14;
    private static final OptimizerKernels KERNELS = OptimizerKernels.best();

    private FlatSum() {
    }

    /** Adds {@code weight from} to {@code to}, shared among the threads of a pool. */
    public static void add(MemorySegment to, MemorySegment from, double weight, WorkerPool pool) {
        OptimizerStep step = step(weight);
        long size = size(to);
        pool.forRanges(Math.toIntExact((size + GRAIN - 1) / GRAIN), 1, (_, first, last) -> KERNELS.sgd(step, to, from,
                (long) first * GRAIN, Math.min(size, (long) last * GRAIN)));
    }

    /** Adds {@code weight from} to {@code to} in the calling thread. */
    public static void add(MemorySegment to, MemorySegment from, double weight) {
        KERNELS.sgd(step(weight), to, from, 0, size(to));
    }

    private static long size(MemorySegment buffer) {
        return buffer.byteSize() / Float.BYTES;
    }

    /** The optimiser step that adds: descent by a negative learning rate. */
    private static OptimizerStep step(double weight) {
        return new OptimizerStep(1, (float) -weight, 0, 0, 0, 0, 1, 1);
    }
}
