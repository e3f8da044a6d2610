package io.retort.search;

import io.retort.simd.Int8Query;
import io.retort.simd.Int8Rows;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.util.BitSet;
import java.util.List;

/**
 * Finds what {@link ExactSearch} finds, bit for bit, and reads a quarter of its bytes: a copy of the rows in whole
 * numbers of 8 bits bounds every score from above ({@link Int8Rows} has the proof), and only rows whose bound reaches
 * the k-th best score so far are scored. How many those are depends on the data; where they are most, it is no faster
 * than exact search, and little slower.
 *
 * <p>The copy is made, by the pool's threads, when the search is: it takes about as long as ten single queries and a
 * quarter of the vectors' bytes.
 */
public final class ScreenedSearch implements ResponseSearch {
    private final Rows rows;
    private final Int8Rows screen;
    private final RowScan scan;
    private final Kernels kernels;

    /** Searches an index for as long as it is open. The pool stays the caller's. */
    public ScreenedSearch(ResponseIndex index, Kernels kernels, WorkerPool pool) {
        this(index.vectors(), index.metric(), kernels, pool);
    }

    /** Searches rows that lie anywhere, each as {@link ExactSearch#ExactSearch(Rows, Metric, Kernels, WorkerPool)} says. */
    public ScreenedSearch(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        this.rows = rows;
        this.screen = Int8Rows.of(rows, pool);
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
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        return scan.search(queries, k, together -> {
            Int8Query[] coarse = new Int8Query[together.length];
            for (int q = 0; q < coarse.length; q++) coarse[q] = Int8Query.of(together[q]);
            return () -> new ScreenedWorker(rows, screen, kernels, together, coarse, k, allowed);
        });
    }
}
