package io.retort.search;

import io.retort.simd.Int8Query;
import io.retort.simd.Int8Rows;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Finds what {@link ExactSearch} finds, bit for bit, and reads an eighth of its bytes, or a quarter: a copy of the rows
 * in whole numbers of 8 bits bounds every score from above ({@link Int8Rows} has the proof), and only rows whose bound
 * reaches the k-th best score so far are scored. Rows that lie mostly in few directions, as those of encoders do, are
 * shortened first ({@link PrincipalAxes}). How many rows are scored depends on the data; where they are most, it is no
 * faster than exact search, and little slower.
 *
 * <p>The copy is made, by the pool's threads, when the search is: it takes as long as some ten to a few hundred single
 * queries, and a tenth to a quarter of the vectors' bytes.
 */
public final class ScreenedSearch implements ResponseSearch {
    /** Number of rows from which it pays to look for axes: that takes about as long as shortening so many. */
    private static final int MANY = 1 << 17;

    private final Rows rows;
    private final UnaryOperator<float[]> shortened;
    private final Int8Rows screen;
    private final RowScan scan;
    private final Kernels kernels;
    /** Memory that holds the copy of the rows in 8 bits. */
    private final Arena arena;

    /** Searches an index for as long as it is open. The pool stays the caller's. */
    public ScreenedSearch(ResponseIndex index, Kernels kernels, WorkerPool pool) {
        this(index.vectors(), index.metric(), kernels, pool);
    }

    /**
     * Searches rows that lie anywhere, each as {@link ExactSearch#ExactSearch(Rows, Metric, Kernels, WorkerPool)} says.
     */
    public ScreenedSearch(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        this(rows, metric, kernels, pool, MANY);
    }

    /**
     * @param many rows from which axes are looked for
     */
    ScreenedSearch(Rows rows, Metric metric, Kernels kernels, WorkerPool pool, int many) {
        this(rows, metric, kernels, pool, many, Arena.ofShared());
    }

    /**
     * @param arena closed with the search, or if it cannot be made
     */
    ScreenedSearch(Rows rows, Metric metric, Kernels kernels, WorkerPool pool, int many, Arena arena) {
        this.arena = arena;
        this.rows = rows;
        this.kernels = kernels;
        this.scan = new RowScan(rows, metric, pool);
        try {
            Optional<PrincipalAxes> axes = rows.count() < many ? Optional.empty() : PrincipalAxes.of(rows, kernels);
            this.shortened = axes.<UnaryOperator<float[]>>map(found -> found::shortened).orElse(x -> x);
            int dims = axes.map(PrincipalAxes::dims).orElse(rows.dims());
            this.screen = Int8Rows.of(rows, dims, shortened, pool, arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /** Number of dimensions of the vectors that are screened: as many as the rows have, or fewer. */
    int screenedDims() {
        return screen.dims();
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
        return scan.search(queries, k, together -> {
            Int8Query[] coarse = new Int8Query[together.length];
            for (int q = 0; q < coarse.length; q++) coarse[q] = Int8Query.of(shortened.apply(together[q]));
            return () -> new ScreenedWorker(rows, screen, kernels, together, coarse, k, allowed);
        });
    }

    /** Frees the copy of the rows. */
    @Override
    public void close() {
        scan.close(arena::close);
    }
}
