package io.retort.train;

import io.retort.model.TrainableBuffer;
import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019) over every element of some buffers. Its two moments lie
 * off the heap, as large as the buffers each. One thread at a time.
 */
public final class AdamW implements AutoCloseable {
    private static final long ALIGNMENT_BYTES = 64;
    /** Elements a thread takes at a time: the four streams of a range stay in the level 2 cache. */
    private static final int GRAIN = 1 << 14;

    /**
     * Settings, by their usual names.
     */
    public record Settings(double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
        /** β 0.9 and 0.999, ε 1e-8, decay 0.01. */
        public static Settings withRate(double learningRate) {
            return new Settings(learningRate, 0.9, 0.999, 1e-8, 0.01);
        }
    }

    private final Settings settings;
    private final List<State> states;
    private final WorkerPool pool;
    private final OptimizerKernels kernels = OptimizerKernels.best();
    private final Arena arena = Arena.ofShared();
    private long step;

    /**
     * @param buffers to train; they stay the caller's, like the pool
     */
    public AdamW(Settings settings, List<TrainableBuffer> buffers, WorkerPool pool) {
        this.settings = settings;
        this.pool = pool;
        this.states = buffers.stream().map(this::state).toList();
    }

    private State state(TrainableBuffer buffer) {
        long bytes = buffer.layout().bytes();
        return new State(buffer, arena.allocate(bytes, ALIGNMENT_BYTES), arena.allocate(bytes, ALIGNMENT_BYTES));
    }

    /** Changes the values by the present gradients. */
    public void step() {
        step++;
        OptimizerStep numbers = OptimizerStep.at(step, 1, settings.learningRate, settings.beta1, settings.beta2,
                settings.epsilon, settings.weightDecay);
        for (State state : states) {
            long size = state.buffer.size();
            pool.forRanges(Math.toIntExact((size + GRAIN - 1) / GRAIN), 1, (slot, from, to) -> kernels.adamW(numbers,
                    state.buffer.values(), state.buffer.gradients(), state.first, state.second, (long) from * GRAIN,
                    Math.min(size, (long) to * GRAIN)));
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }

    /** A buffer and its moments. */
    private record State(TrainableBuffer buffer, MemorySegment first, MemorySegment second) {
    }
}
