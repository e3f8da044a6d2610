package io.retort.search;

import io.retort.files.BadInput;
import java.util.BitSet;
import java.util.List;

/**
 * Finds the replies whose vectors score best against a query.
 *
 * <p>A filter names the allowed rows (null allows all); with fewer of them than k there are fewer hits, else there are
 * k, whether the search is exact or not. It must not change during the search. Any thread may search, several at once.
 *
 * <p>A search is closed by whoever made it, before the rows that it searches are. Closing frees what was prepared for
 * searching, waits for searches that are under way, and may be done more than once; it leaves the rows and the pool
 * alone.
 */
public interface ResponseSearch extends AutoCloseable {
    /** Number of replies that are searched. */
    int count();

    /** Number of dimensions that a query must have. */
    int dims();

    /** What the search promises of its hits: whether the best are ever missed. */
    Exactness exactness();

    /**
     * Finds the k best rows for each query, in the order of the queries, or what {@link #exactness()} promises instead.
     * A query's hits do not depend on the others.
     *
     * @param queries {@code [queries, dims]}
     * @param k       1 to {@link #count()}
     * @throws BadInput              if k is out of range, or a query has other dims, NaN, an infinity, a length above
     *                               1e18, or (cosine) none at all
     * @throws IllegalStateException if this search is closed, or the index that it searches
     */
    List<Hits> search(float[][] queries, int k, BitSet allowed);

    /** Finds the k best rows for one query, among those allowed. */
    default Hits search(float[] query, int k, BitSet allowed) {
        return search(new float[][]{query}, k, allowed).getFirst();
    }

    /** Finds the k best of all rows for one query. */
    default Hits search(float[] query, int k) {
        return search(query, k, null);
    }

    @Override
    void close();
}
