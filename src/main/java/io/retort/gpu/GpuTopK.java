package io.retort.gpu;

import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;

/**
 * The best rows for queries, by dot product, found on a card: the same rows and scores, bit for bit, as
 * {@link io.retort.simd.Kernels} gives, but for the sign of a zero.
 *
 * <p>Rows stream once past a batch of queries, in {@link ScreenFormat}; each row whose bound reaches the k-th best so far
 * is scored from its floats. Any thread may search, several at once; each has memory of its own on the card meanwhile.
 */
public final class GpuTopK implements AutoCloseable {
    /** The greatest k. */
    public static final int MOST = CardSteps.MOST;

    private final Gpu gpu;
    private final ScanKernels kernels;
    private final GpuRows rows;
    private final Deque<CardSteps> idle = new ArrayDeque<>();
    private volatile double kernelMillis;

    /**
     * Copies rows to the card; they are not used afterwards. The card stays the caller's.
     *
     * @throws NoGpu          if the card cannot run the kernels for such rows
     * @throws GpuOutOfMemory if they do not fit
     */
    public GpuTopK(Gpu gpu, Rows rows, ScreenFormat format, WorkerPool pool) {
        new GpuDemand(rows.count(), rows.dims(), format).require(gpu);
        this.gpu = gpu;
        this.kernels = new ScanKernels(gpu, format);
        this.rows = new GpuRows(gpu, kernels, rows, format, pool);
    }

    /**
     * Offers each query's k best rows.
     *
     * @param queries {@code [queries, dims]}, finite, none longer than 1e18
     * @param k       1 to {@link #MOST}
     * @param allowed null allows all
     * @param best    one for each query
     */
    public void search(float[][] queries, int k, BitSet allowed, TopK[] best) {
        if (k < 1 || k > MOST) throw new IllegalArgumentException("k: " + k);
        CardSteps steps = take();
        try {
            double millis = 0;
            for (int q = 0; q < queries.length; q += CardSteps.QUERIES) {
                int end = Math.min(q + CardSteps.QUERIES, queries.length);
                float[][] together = Arrays.copyOfRange(queries, q, end);
                int most = Math.min(k, rows.shape().count());
                new TopKScan(rows.shape(), CardSteps.CAPACITY).search(most, Arrays.copyOfRange(best, q, end), 0,
                        numbers -> steps.with(some(together, numbers), most, allowed));
                millis += steps.kernelMillis();
            }
            kernelMillis = millis;
            give(steps);
        } catch (Throwable e) {
            steps.close();
            throw e;
        }
    }

    private static float[][] some(float[][] queries, int[] numbers) {
        return Arrays.stream(numbers).mapToObj(q -> queries[q]).toArray(float[][]::new);
    }

    /** Milliseconds that the card spent on the last search that ended, of whichever thread. */
    public double kernelMillis() {
        return kernelMillis;
    }

    private CardSteps take() {
        synchronized (idle) {
            if (!idle.isEmpty()) return idle.pop();
        }
        return new CardSteps(gpu, kernels, rows);
    }

    private void give(CardSteps steps) {
        synchronized (idle) {
            idle.push(steps);
        }
    }

    /** Frees the card's memory. No search may be under way. */
    @Override
    public void close() {
        synchronized (idle) {
            while (!idle.isEmpty()) idle.pop().close();
        }
        rows.close();
    }
}
