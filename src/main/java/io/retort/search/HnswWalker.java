package io.retort.search;

import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TaskExecutor;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.hnsw.HnswConcurrentMergeBuilder;
import org.apache.lucene.util.hnsw.HnswGraph;
import org.apache.lucene.util.hnsw.HnswGraphBuilder;
import org.apache.lucene.util.hnsw.HnswGraphSearcher;
import org.apache.lucene.util.hnsw.OnHeapHnswGraph;
import org.apache.lucene.util.hnsw.RandomVectorScorerSupplier;
import org.apache.lucene.util.hnsw.UpdateableRandomVectorScorer;

/** Lucene's HNSW over rows that stay where they are: it makes and walks the graph, and {@link Kernels} score. */
final class HnswWalker {
    /** Neighbours of a row above the lowest level, and half of those on it. */
    private static final int CONNECTIONS = 16;
    /** Rows that are looked at to find the neighbours of one: more make a better graph, and take longer. */
    private static final int BEAM = 100;
    /** The fewest rows that a search keeps while it walks, and how many more than k. */
    private static final int KEPT = 100;

    private final Rows rows;
    private final Kernels kernels;

    HnswWalker(Rows rows, Kernels kernels) {
        this.rows = rows;
        this.kernels = kernels;
    }

    /** Makes the graph, which takes minutes for a million rows; with several threads it is not the same each time. */
    HnswFile graph(String fingerprint, WorkerPool pool, Arena arena) throws IOException {
        Scorers scorers = new Scorers();
        HnswGraphBuilder alone = HnswGraphBuilder.create(scorers, CONNECTIONS, BEAM, 42, rows.count());
        if (pool.threads() == 1 || rows.count() < 10_000) {
            return HnswFile.of(alone.build(rows.count()), rows.count(), fingerprint, arena);
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(pool.threads())) {
            HnswConcurrentMergeBuilder together = new HnswConcurrentMergeBuilder(new TaskExecutor(threads),
                    pool.threads(), scorers, CONNECTIONS, BEAM, alone.getGraph(), null);
            OnHeapHnswGraph built = together.build(rows.count());
            return HnswFile.of(built, rows.count(), fingerprint, arena);
        }
    }

    private final class Scorers implements RandomVectorScorerSupplier {
        @Override
        public UpdateableRandomVectorScorer scorer() {
            return new Scorer(new float[rows.dims()]);
        }

        @Override
        public RandomVectorScorerSupplier copy() {
            return this;
        }
    }

    /** Scores rows against one of them, or a query. For one thread. */
    private final class Scorer implements UpdateableRandomVectorScorer {
        private final float[] query;
        private final int[] id = new int[1];
        private final float[] score = new float[1];

        Scorer(float[] query) {
            this.query = query;
        }

        @Override
        public void setScoringOrdinal(int row) {
            rows.read(row, query);
        }

        @Override
        public float score(int row) {
            id[0] = row;
            kernels.scores(rows, id, 1, query, score);
            return score[0];
        }

        @Override
        public void bulkScore(int[] ids, float[] scores, int count) {
            kernels.scores(rows, ids, count, query, scores);
        }

        @Override
        public int maxOrd() {
            return rows.count();
        }
    }

    /**
     * Walks the graph to rows that are near a query.
     *
     * @param allowed null allows all
     */
    void walk(HnswGraph graph, float[] query, int k, BitSet allowed, TopK best) throws IOException {
        TopKnnCollector found = new TopKnnCollector(Math.min(k + KEPT, rows.count()), Integer.MAX_VALUE);
        HnswGraphSearcher.search(new Scorer(query), found, graph, allowed == null ? null : bits(allowed));
        for (ScoreDoc each : found.topDocs().scoreDocs) best.offer(each.doc, each.score);
    }

    private Bits bits(BitSet allowed) {
        return new Bits() {
            @Override
            public boolean get(int row) {
                return allowed.get(row);
            }

            @Override
            public int length() {
                return rows.count();
            }
        };
    }
}
