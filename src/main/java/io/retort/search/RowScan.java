package io.retort.search;

import io.retort.files.BadInput;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * What searches that pass over all rows have in common: they check the queries, take them in batches, share the rows
 * out among the pool's threads and merge what each thread found.
 */
final class RowScan {
    /**
     * Number of queries that pass over the rows together, so that they and a span's scores stay in the level 2 cache.
     */
    static final int BATCH = 64;
    /** Number of rows that a worker scans between two looks at what was found so far. */
    static final int SPAN = 256;
    /** Number of rows that a thread takes at a time. */
    private static final int GRAIN = 16 * SPAN;

    private final Rows rows;
    private final Metric metric;
    private final WorkerPool pool;
    /** Shared by the searches that are under way; closing takes it alone, and so waits for them. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    RowScan(Rows rows, Metric metric, WorkerPool pool) {
        this.rows = rows;
        this.metric = metric;
        this.pool = pool;
    }

    /** One thread's part in the search for one batch. */
    interface Worker {
        /** Scans rows {@code [from, to)}; {@code from} is a multiple of {@link #SPAN}. */
        void scan(int from, int to);

        /** The best rows found so far, for each query. */
        TopK[] best();
    }

    /** Makes the workers of a batch, on the threads that use them. */
    interface Workers {
        /** Makes a worker for the calling thread. */
        Worker hire();
    }

    /** Prepares the workers of a batch. */
    interface Batch {
        /**
         * Returns what makes the workers for a batch of queries.
         *
         * @param queries checked, and prepared for the metric
         */
        Workers of(float[][] queries);
    }

    /** Searches for a batch of queries, as {@link ResponseSearch#search(float[][], int, BitSet)} promises. */
    List<Hits> search(float[][] queries, int k, Batch batch) {
        return searchBy(queries, k, checked -> inBatches(checked, batch));
    }

    /**
     * Searches for queries by a function of the caller's, such as on a card, with the same checks as for the pool's
     * threads.
     */
    List<Hits> searchBy(float[][] queries, int k, Function<float[][], List<Hits>> way) {
        use.readLock().lock();
        try {
            if (closed) throw new IllegalStateException("this search is closed");
            return way.apply(checked(queries, k));
        } finally {
            use.readLock().unlock();
        }
    }

    /**
     * Waits for searches under way, then frees; further searches are refused, as {@link ResponseSearch#close()} says.
     *
     * @param free frees what the search has prepared; called once, when no search is under way any more
     */
    void close(Runnable free) {
        use.writeLock().lock();
        try {
            if (closed) return;
            closed = true;
            free.run();
        } finally {
            use.writeLock().unlock();
        }
    }

    private float[][] checked(float[][] queries, int k) {
        float[][] checked = new float[queries.length][];
        for (int q = 0; q < queries.length; q++) checked[q] = checked(queries[q], q);
        if (k < 1 || k > rows.count()) {
            throw BadInput.of("k is " + k + ", the index holds " + rows.count() + " replies",
                    "ask for 1 to " + rows.count());
        }
        return checked;
    }

    private List<Hits> inBatches(float[][] checked, Batch batch) {
        List<Hits> hits = new ArrayList<>(checked.length);
        for (int q = 0; q < checked.length; q += BATCH) {
            float[][] together = Arrays.copyOfRange(checked, q, Math.min(q + BATCH, checked.length));
            hits.addAll(scan(batch.of(together), together.length));
        }
        return hits;
    }

    private float[] checked(float[] query, int number) {
        if (query.length != rows.dims()) {
            throw BadInput.of("query " + number + " has " + query.length + " dims, the index " + rows.dims(),
                    "encode it with the model of the index");
        }
        String problem = VectorCheck.problem(query, metric);
        if (problem != null) throw BadInput.of("query " + number + " " + problem, "check the model's weights");
        return VectorCheck.prepared(query, metric);
    }

    private List<Hits> scan(Workers workers, int queries) {
        Worker[] hired = new Worker[pool.threads()];
        pool.forRanges(rows.count(), GRAIN, (slot, from, to) -> {
            if (hired[slot] == null) hired[slot] = workers.hire();
            hired[slot].scan(from, to);
        });
        TopK[] best = null;
        for (Worker worker : hired) {
            if (worker == null) continue;
            if (best == null) best = worker.best();
            else for (int q = 0; q < best.length; q++) best[q].merge(worker.best()[q]);
        }
        List<Hits> hits = new ArrayList<>(queries);
        for (int q = 0; q < queries; q++) hits.add(best == null ? new Hits(List.of()) : Hits.of(best[q]));
        return hits;
    }
}
