package io.retort.search;

import io.retort.files.BadInput;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Scores every allowed reply. Hits and scores are the same, bit for bit, whatever the kernels, the threads and the
 * other queries are ({@link Kernels}): this is the oracle of every other search.
 *
 * <p>Rows are shared out among the pool's threads. A single query is bound by memory, a batch, which reads each row
 * once for up to {@value #BATCH} queries, by arithmetic.
 */
public final class ExactSearch implements ResponseSearch {
    /** Queries that pass over the rows together; what they and a block's scores take stays in the level 2 cache. */
    static final int BATCH = 64;
    /** Rows whose scores are made before the best are picked out. */
    private static final int BLOCK = 256;
    /** Rows that a thread takes at a time. */
    private static final int GRAIN = 16 * BLOCK;
    private static final int WARM_UP_ROWS = 2 * BLOCK;

    private final Rows rows;
    private final Metric metric;
    private final Kernels kernels;
    private final WorkerPool pool;

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
        this.metric = metric;
        this.kernels = kernels;
        this.pool = pool;
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
        float[][] checked = new float[queries.length][];
        for (int q = 0; q < queries.length; q++) checked[q] = checked(queries[q], q);
        if (k < 1 || k > count()) {
            throw BadInput.of("k is " + k + ", the index holds " + count() + " replies", "ask for 1 to " + count());
        }
        List<Hits> hits = new ArrayList<>(queries.length);
        for (int q = 0; q < checked.length; q += BATCH) {
            hits.addAll(batch(Arrays.copyOfRange(checked, q, Math.min(q + BATCH, checked.length)), k, allowed));
        }
        return hits;
    }

    private float[] checked(float[] query, int number) {
        if (query.length != dims()) {
            throw BadInput.of("query " + number + " has " + query.length + " dims, the index " + dims(),
                    "encode it with the model of the index");
        }
        String problem = VectorCheck.problem(query, metric);
        if (problem != null) throw BadInput.of("query " + number + " " + problem, "check the model's weights");
        return VectorCheck.prepared(query, metric);
    }

    private List<Hits> batch(float[][] queries, int k, BitSet allowed) {
        Worker[] workers = new Worker[pool.threads()];
        pool.forRanges(count(), GRAIN, (slot, from, to) -> {
            if (workers[slot] == null) workers[slot] = new Worker(queries, k, allowed);
            workers[slot].scan(from, to);
        });
        TopK[] best = null;
        for (Worker worker : workers) {
            if (worker == null) continue;
            if (best == null) best = worker.best;
            else for (int q = 0; q < best.length; q++) best[q].merge(worker.best[q]);
        }
        List<Hits> hits = new ArrayList<>(queries.length);
        for (int q = 0; q < queries.length; q++) hits.add(best == null ? new Hits(List.of()) : Hits.of(best[q]));
        return hits;
    }

    /** What one thread needs. */
    private final class Worker {
        private final float[][] queries;
        private final BitSet allowed;
        private final float[][] scores;
        private final TopK[] best;

        Worker(float[][] queries, int k, BitSet allowed) {
            this.queries = queries;
            this.allowed = allowed;
            this.scores = new float[queries.length][BLOCK];
            this.best = new TopK[queries.length];
            Arrays.setAll(best, q -> new TopK(k));
        }

        void scan(int from, int to) {
            for (int first = from; first < to; first += BLOCK) {
                int end = Math.min(first + BLOCK, to);
                if (allowed == null) scanAll(first, end);
                else scanAllowed(first, end);
            }
        }

        private void scanAll(int first, int end) {
            score(first, end);
            for (int q = 0; q < best.length; q++) best[q].offerAll(kernels, scores[q], end - first, first);
        }

        private void scanAllowed(int from, int end) {
            int first = allowed.nextSetBit(from);
            if (first < 0 || first >= end) return;
            score(first, end);
            for (int row = first; row >= 0 && row < end; row = allowed.nextSetBit(row + 1)) {
                for (int q = 0; q < best.length; q++) best[q].offer(row, scores[q][row - first]);
            }
        }

        private void score(int first, int end) {
            kernels.scores(rows, first, end - first, queries, scores);
        }
    }
}
