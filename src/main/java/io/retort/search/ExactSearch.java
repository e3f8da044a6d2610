package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;

/**
 * Scores every allowed reply. Hits and scores are the same, bit for bit, whatever the kernels, the threads and the
 * other queries are ({@link Kernels}): this is the oracle of every other search.
 *
 * <p>Rows are shared out among the pool's threads. A single query is bound by memory, a batch, which reads each row
 * once for up to {@value RowScan#BATCH} queries, by arithmetic.
 */
public final class ExactSearch implements ResponseSearch {
    private static final int WARM_UP_ROWS = 2 * RowScan.SPAN;

    private final Rows rows;
    private final RowScan scan;
    private final Kernels kernels;

    /** Searches an index for as long as it is open. The pool stays the caller's. */
    public ExactSearch(ResponseIndex index, Kernels kernels, WorkerPool pool) {
        this(index.vectors(), index.metric(), kernels, pool);
    }

    /**
     * Searches rows that lie anywhere, each as {@link IndexWriter} would take it: finite, no longer than 1e18 and, with
     * {@link Metric#COSINE}, of length 1.
     */
    public ExactSearch(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        this.rows = rows;
        this.scan = new RowScan(rows, metric, pool);
        this.kernels = kernels;
    }

    /**
     * Searches made-up rows for that long, so that the JVM compiles the kernels. Before it has, the Vector API is far
     * slower than plain Java; a program that will answer many queries does this while it loads.
     */
    public static void warmUp(Kernels kernels, int dims, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Rows rows = new Rows(MemorySegment.ofArray(new float[WARM_UP_ROWS * dims]), WARM_UP_ROWS, dims);
        float[] query = new float[dims];
        query[0] = 1;
        try (WorkerPool alone = new WorkerPool(1)) {
            ExactSearch search = new ExactSearch(rows, Metric.INNER_PRODUCT, kernels, alone);
            while (System.nanoTime() < end) search.search(query, 1);
        }
    }

    @Override
    public int count() {
        return rows.count();
    }

    @Override
    public int dims() {
        return rows.dims();
    }

    @Override
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        return scan.search(queries, k, together -> () -> new ExactWorker(rows, kernels, together, k, allowed));
    }
}
