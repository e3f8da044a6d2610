package io.retort.learn;

import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.HugePages;
import io.retort.simd.OptimizerKernels;
import io.retort.simd.OptimizerStep;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * An {@link Optimizer} at work on the weights of some buffers: two moments, off the heap and as large as the buffers
 * each, and the number of steps. Its results do not depend on the number of threads. One thread at a time.
 */
public final class OptimizerState implements AutoCloseable {
    /** Elements a thread takes at a time: the four streams of a range stay in the level 2 cache. */
    private static final int GRAIN = 1 << 14;
    private static final String FIRST = "first.";
    private static final String SECOND = "second.";

    private final Optimizer optimizer;
    private final List<Moments> states;
    private final List<Range> ranges = new ArrayList<>();
    private final WorkerPool pool;
    private final OptimizerKernels kernels = OptimizerKernels.best();
    private final Arena arena = Arena.ofShared();
    private long steps;

    OptimizerState(Optimizer optimizer, List<TrainableBuffer> buffers, WorkerPool pool) {
        this.optimizer = optimizer;
        this.pool = pool;
        try {
            this.states = buffers.stream().map(this::moments).toList();
            states.forEach(this::addRanges);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private Moments moments(TrainableBuffer buffer) {
        ParameterLayout layout = buffer.layout();
        if (layout.precision() != ElementType.F32)
            throw new IllegalArgumentException("weights in " + layout.precision());
        long bytes = layout.bytes();
        return new Moments(buffer, HugePages.allocate(bytes, arena), HugePages.allocate(bytes, arena));
    }

    /** Cuts a buffer into ranges that all decay or all do not, each small enough to share the work among threads. */
    private void addRanges(Moments state) {
        List<ParameterLayout.Entry> entries = state.buffer.layout().entries();
        for (int i = 0; i < entries.size();) {
            boolean decays = decays(entries.get(i));
            long from = entries.get(i).offset();
            while (i < entries.size() && decays(entries.get(i)) == decays) i++;
            long to = i < entries.size() ? entries.get(i).offset() : state.buffer.size();
            for (; from < to; from += GRAIN) ranges.add(new Range(state, from, Math.min(to, from + GRAIN), decays));
        }
    }

    private boolean decays(ParameterLayout.Entry entry) {
        return switch (optimizer.settings().decayed()) {
            case ALL -> true;
            case MATRICES -> entry.shape().rank() > 1;
        };
    }

    /** The Euclidean norm of all gradients as one vector. */
    public double gradientNorm() {
        double[] sums = new double[ranges.size()];
        pool.forRanges(sums.length, 1, (_, from, _) -> {
            Range range = ranges.get(from);
            sums[from] = kernels.sumOfSquares(range.state.buffer.gradients(), range.from, range.to);
        });
        double sum = 0;
        for (double part : sums) sum += part;
        return Math.sqrt(sum);
    }

    /**
     * Takes a step: changes the weights by the gradients that are in the buffers now.
     *
     * @param learningRate  of this step
     * @param gradientScale what gradients are multiplied by first: 1, or less to clip their norm
     */
    public void step(double learningRate, double gradientScale) {
        steps++;
        Optimizer.Hyperparameters settings = optimizer.settings();
        OptimizerStep decaying = numbers(settings, learningRate, gradientScale, settings.weightDecay());
        OptimizerStep plain = numbers(settings, learningRate, gradientScale, 0);
        pool.forRanges(ranges.size(), 1, (_, from, _) -> {
            Range range = ranges.get(from);
            Moments state = range.state;
            optimizer.update(kernels, range.decays ? decaying : plain, state.buffer.values(), state.buffer.gradients(),
                    state.first, state.second, range.from, range.to);
        });
    }

    private OptimizerStep numbers(Optimizer.Hyperparameters settings, double learningRate, double gradientScale,
            double decay) {
        return OptimizerStep.at(steps, gradientScale, learningRate, settings.beta1(), settings.beta2(),
                settings.epsilon(), decay);
    }

    /** Number of steps taken since training began, those before a resumption included. */
    public long steps() {
        return steps;
    }

    /** Adds the moments of each parameter, {@code first.NAME} and {@code second.NAME}; views that live until close. */
    void collect(SequencedMap<String, Tensor> tensors) {
        for (Moments state : states) {
            NamedWeights.collect(FIRST, state.buffer.layout(), state.first, tensors);
            NamedWeights.collect(SECOND, state.buffer.layout(), state.second, tensors);
        }
    }

    /**
     * Restores the moments that {@link #collect} gave away, as a checkpoint kept them.
     *
     * @param taken steps at that time
     */
    void restore(long taken, NamedWeights from) {
        steps = taken;
        for (Moments state : states) {
            from.copyTo(FIRST, state.buffer.layout(), state.first);
            from.copyTo(SECOND, state.buffer.layout(), state.second);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }

    /** A buffer of weights together with the two moments of each of them. */
    private record Moments(TrainableBuffer buffer, MemorySegment first, MemorySegment second) {
    }

    /** A stretch of a buffer's elements, to all or none of which weight decay applies. */
    private record Range(Moments state, long from, long to, boolean decays) {
    }
}
