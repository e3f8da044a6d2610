package io.retort.search;

import io.retort.files.BadInput;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.TopK;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds most of the best rows, with their true scores, by walking a graph of near neighbours (HNSW, as Lucene makes
 * it) and scoring only the rows on the way. The graph lies beside its index, in {@code FILE.hnsw}, and is made when it
 * is not there or of another index. Where a walk finds too few, as with filters that leave little, where many hits are
 * wanted and where rows are few, every row is scored.
 */
public final class HnswSearch implements ResponseSearch {
    private static final Logger LOG = LoggerFactory.getLogger(HnswSearch.class);
    /** Number of rows below which scoring all is as fast as walking. */
    private static final int FEW = 10_000;
    /** The most hits that are sought by walking. */
    private static final int MOST = 1000;
    /** Where a filter leaves fewer than one row in so many, a walk mostly meets rows that may not be given. */
    private static final int SPARSE = 20;
    /** Number of the index's own rows that tell how much is found, and hits of each that count. */
    private static final int SAMPLE = 100, SAMPLE_HITS = 10;
    private static final String LIBRARY = "org.apache.lucene.util.hnsw.HnswGraphSearcher";

    private final Rows rows;
    private final RowScan scan;
    private final WorkerPool pool;
    private final ExactSearch exact;
    private final HnswWalker walker;
    /** Memory, or the mapped file, of the graph. */
    private final Arena arena;
    /** The graph; null where rows are so few that none is made. */
    private final HnswFile graph;

    private HnswSearch(Rows rows, Metric metric, Kernels kernels, WorkerPool pool, int few, Source source) {
        this.rows = rows;
        this.pool = pool;
        this.scan = new RowScan(rows, metric, pool);
        this.exact = new ExactSearch(rows, metric, kernels, pool);
        this.walker = new HnswWalker(rows, kernels);
        this.arena = Arena.ofShared();
        try {
            this.graph = rows.count() < few ? null : source.graph(this);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Where a search's graph comes from. */
    private interface Source {
        HnswFile graph(HnswSearch search) throws IOException;
    }

    /**
     * Searches rows that lie anywhere by a graph that is made in memory, now.
     *
     * @throws BadInput if Lucene is not on the class path
     */
    public static HnswSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        return over(rows, metric, kernels, pool, FEW);
    }

    /**
     * @param few rows from which a graph is made
     */
    static HnswSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool, int few) {
        requireLibrary();
        return new HnswSearch(rows, metric, kernels, pool, few, search -> search.made("0".repeat(64)));
    }

    /**
     * Searches an index, for as long as it is open, by the graph beside it, which is made first if there is none of
     * this very index.
     *
     * @throws BadInput if Lucene is not on the class path
     */
    public static HnswSearch over(ResponseIndex index, Kernels kernels, WorkerPool pool) {
        return over(index, kernels, pool, FEW);
    }

    /**
     * @param few rows from which a graph is made
     */
    static HnswSearch over(ResponseIndex index, Kernels kernels, WorkerPool pool, int few) {
        requireLibrary();
        return new HnswSearch(index.vectors(), index.metric(), kernels, pool, few, search -> search.beside(index));
    }

    /** Refuses where the library that makes and walks graphs is missing; Retort's command line has it. */
    static void requireLibrary() {
        try {
            Class.forName(LIBRARY, false, HnswSearch.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw BadInput.of("approximate search needs Lucene, which is not on the class path",
                    "add org.apache.lucene:lucene-core, or search exactly").causedBy(e);
        }
    }

    private HnswFile beside(ResponseIndex index) throws IOException {
        Path file = HnswFile.beside(index.file());
        String fingerprint = index.fingerprint();
        if (Files.isRegularFile(file)) {
            try {
                HnswFile found = HnswFile.open(file, arena);
                if (found.isOf(fingerprint, index.count())) return found;
            } catch (BadInput e) {
                LOG.warn("{}; it is made anew", e.getMessage());
            }
        }
        LOG.info("making a graph of neighbours for {} rows, which takes minutes",
                index.count());
        HnswFile made = made(fingerprint);
        try {
            made.write(file);
        } catch (IOException | BadInput e) {
            LOG.warn("{} cannot be written, so the graph will be made again: {}",
                    file, e.getMessage());
        }
        return made;
    }

    private HnswFile made(String fingerprint) throws IOException {
        HnswFile made = walker.graph(fingerprint, pool, arena);
        made.noteRecall(recall(made));
        return made;
    }

    /**
     * The share of the best that is found of some of the rows themselves, which do not count; two standard errors less,
     * and below 1, since it is a promise.
     */
    private float recall(HnswFile made) throws IOException {
        int sample = Math.min(SAMPLE, rows.count()), k = Math.min(SAMPLE_HITS + 1, rows.count());
        float[][] queries = new float[sample][];
        for (int q = 0; q < sample; q++) queries[q] = rows.read(row(q, sample));
        List<Hits> right = exact.search(queries, k, null);
        double sum = 0, squares = 0;
        for (int q = 0; q < sample; q++) {
            TopK found = new TopK(k);
            walker.walk(made.walk(), queries[q], k, null, found);
            int self = row(q, sample);
            float worst = right.get(q).get(k - 1).score();
            double good = Hits.of(found).best().stream().filter(hit -> hit.row() != self && hit.score() >= worst)
                    .count();
            double wanted = right.get(q).best().stream().filter(hit -> hit.row() != self).count();
            double share = wanted == 0 ? 1 : Math.min(1, good / wanted);
            sum += share;
            squares += share * share;
        }
        double mean = sum / sample, error = Math.sqrt(Math.max(0, squares / sample - mean * mean) / sample);
        return (float) Math.clamp(mean - 2 * error, 0.001, 0.99);
    }

    private int row(int number, int sample) {
        return (int) ((long) number * rows.count() / sample);
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
        if (graph == null) return Exactness.EXACT;
        return new Exactness.Approximate(graph.recall(), true, "measured when the graph was made, on " + SAMPLE
                + " of the index's own rows and the " + SAMPLE_HITS
                + " best of each; contexts may lie farther from the rows, and find less");
    }

    @Override
    public List<Hits> search(float[][] queries, int k, BitSet allowed) {
        return scan.searchBy(queries, k, checked -> {
            int most = allowed == null ? rows.count() : allowed.get(0, rows.count()).cardinality();
            if (graph == null || k > MOST || (long) most * SPARSE < rows.count()) {
                return exact.search(queries, k, allowed);
            }
            return walked(checked, queries, k, allowed, Math.min(k, most));
        });
    }

    private List<Hits> walked(float[][] checked, float[][] queries, int k, BitSet allowed, int wanted) {
        if (!rows.data().scope().isAlive()) throw new IllegalStateException("the searched rows are closed");
        Hits[] hits = new Hits[checked.length];
        pool.forRanges(checked.length, 1, (slot, from, to) -> {
            TopK best = new TopK(k);
            try {
                walker.walk(graph.walk(), checked[from], k, allowed, best);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            hits[from] = Hits.of(best);
        });
        List<Hits> all = new ArrayList<>(Arrays.asList(hits));
        for (int q = 0; q < all.size(); q++) {
            if (all.get(q).size() < wanted) all.set(q, exact.search(queries[q], k, allowed));
        }
        return all;
    }

    /** Frees the graph. */
    @Override
    public void close() {
        scan.close(arena::close);
    }
}
