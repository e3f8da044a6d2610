package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
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

    @Override
    public int count() {
        return rows.count();
    }

    @Override
    public int dims() {
        return rows.dims();
    }

    @Override
    public Exactness exactness() {
        return Exactness.EXACT;
    }

    @Override
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        return scan.search(queries, k, together -> () -> new ExactWorker(rows, kernels, together, k, allowed));
    }

    /** Waits for searches that are under way; there is nothing to free. */
    @Override
    public void close() {
        scan.close(() -> {});
    }
}
