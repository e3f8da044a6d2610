package io.retort.learn;

import io.retort.search.Hit;
import io.retort.search.Hits;
import io.retort.search.Metric;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.search.SearchPlan;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds, among the vectors of replies, those that score best for a context though they are none of its own candidates:
 * hard negatives (Xiong et al. 2020). Close after use; one thread.
 */
public final class NegativeSearch implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ResponseSearch search;
    private final int rows;

    /** Tells which replies are candidates of a context, and therefore never negatives for it. */
    @FunctionalInterface
    public interface Candidates {
        /** Whether the reply in a row is a candidate of the context with the query of that number. */
        boolean has(int query, int row);
    }

    /**
     * Prepares a search among the vectors of replies.
     *
     * @param replies  their vectors
     * @param asked    by which method; if empty, by one that is fast
     * @param contexts how many will be asked about in all
     * @param pool     the caller's
     */
    public NegativeSearch(float[][] replies, int dim, Optional<SearchMethod> asked, long contexts, WorkerPool pool) {
        this.rows = replies.length;
        try {
            MemorySegment memory = arena.allocate((long) Float.BYTES * rows * dim, 64);
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(replies[i], 0, memory, ValueLayout.JAVA_FLOAT, (long) Float.BYTES * i * dim, dim);
            }
            SearchPlan plan = asked.map(SearchPlan::of)
                    .orElseGet(() -> SearchPlan.auto(SearchMethod.EXACT, rows, dim, contexts));
            this.search = plan.over(new Rows(memory, rows, dim), Metric.INNER_PRODUCT, Kernels.best(), pool);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Finds, for each context, the rows of the best replies that are none of its candidates, the best first.
     *
     * @param queries    vectors of contexts
     * @param candidates of each context
     * @param most       candidates that a context has at most
     * @param skip       of the best ones, which are often right for the context though they are none of its candidates
     * @param count      wanted for each context; there may be fewer
     */
    public List<int[]> best(float[][] queries, Candidates candidates, int most, int skip, int count) {
        int wanted = (int) Math.min(rows, (long) skip + count + most);
        List<Hits> found = search.search(queries, wanted, null);
        List<int[]> best = new ArrayList<>();
        for (int i = 0; i < queries.length; i++) best.add(chosen(found.get(i), i, candidates, skip, count));
        return best;
    }

    private static int[] chosen(Hits hits, int query, Candidates candidates, int skip, int count) {
        int[] chosen = new int[count];
        int seen = 0;
        for (Hit hit : hits) {
            if (candidates.has(query, hit.row())) continue;
            int rank = seen++ - skip;
            if (rank == count) break;
            if (rank >= 0) chosen[rank] = hit.row();
        }
        return Arrays.copyOf(chosen, Math.clamp(seen - skip, 0, count));
    }

    @Override
    public void close() {
        try {
            search.close();
        } finally {
            arena.close();
        }
    }
}
