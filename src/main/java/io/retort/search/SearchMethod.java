package io.retort.search;

import io.retort.gpu.Gpu;
import io.retort.gpu.GpuException;
import io.retort.gpu.NoGpu;
import io.retort.simd.Kernels;
import io.retort.simd.Rows;
import io.retort.simd.ScalarKernels;
import io.retort.simd.WorkerPool;
import java.lang.foreign.Arena;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/** The methods by which the best rows can be found. All but {@link #ANN} give the same hits, bit for bit. */
public enum SearchMethod {
    /** Every row is scored: {@link ExactSearch}. Nothing to prepare. */
    EXACT {
        @Override
        public ResponseSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
            return new ExactSearch(rows, metric, kernels, pool);
        }
    },
    /** Rows are scored where an int8 copy of theirs does not rule them out: {@link ScreenedSearch}. */
    SCREENED {
        @Override
        public ResponseSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
            return new ScreenedSearch(rows, metric, kernels, pool);
        }
    },
    /** The first NVIDIA card scores the rows, which are copied there: {@link GpuSearch}. */
    GPU {
        @Override
        public ResponseSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
            return GpuSearch.onFirstCard(rows, metric, kernels, pool);
        }

        @Override
        public void requireHere() {
            Gpu.requireOne();
        }

        /**
         * Has the driver compile the card's kernels, which it keeps. Failures are ignored here, since the search itself
         * will meet and tell them.
         */
        @Override
        public void warmUp(Kernels kernels, int dims, Duration time) {
            SyntheticVectors vectors = new SyntheticVectors(SyntheticVectors.Spread.ISOTROPIC, dims, 1);
            try (Arena arena = Arena.ofConfined();
                    WorkerPool alone = new WorkerPool(1);
                    ResponseSearch search = over(vectors.rows(FEW_ROWS, arena, alone), Metric.INNER_PRODUCT, kernels,
                            alone)) {
                search.search(vectors.queries(1), 1, null);
                if (!Thread.currentThread().isInterrupted()) search.search(vectors.queries(BATCH), 1, null);
            } catch (GpuException | NoGpu e) {
                LoggerFactory.getLogger(GpuSearch.class).debug("the GPU was not warmed up", e);
            }
        }
    },
    /** A graph of near neighbours is walked, and some of the best are missed: {@link HnswSearch}. Only where it is asked for. */
    ANN {
        @Override
        public ResponseSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
            return HnswSearch.over(rows, metric, kernels, pool);
        }

        @Override
        public ResponseSearch over(ResponseIndex index, Kernels kernels, WorkerPool pool) {
            return HnswSearch.over(index, kernels, pool);
        }

        @Override
        public void requireHere() {
            HnswSearch.requireLibrary();
        }
    };

    /** Numbers in an index below which a search takes under a millisecond anyway. */
    private static final long LARGE = 4_000_000;
    private static final int WARM_UP_ROWS = 8 * RowScan.SPAN;
    /** Number of rows that a warm-up scans when it is not the scan itself that is to be warmed up. */
    private static final int FEW_ROWS = RowScan.SPAN;
    /** Number of queries in the warm-up of a card, enough for its kernels for batches to be used. */
    private static final int BATCH = 64;

    /**
     * Checks that this machine has what the method needs; to be called before long work that ends in a search.
     *
     * @throws NoGpu                      if that is a card, and there is none
     * @throws io.retort.files.BadInput if it is a library that is not on the class path
     */
    public void requireHere() {
    }

    /** Searches rows, each as {@link IndexWriter} would take it, for as long as they live. */
    public abstract ResponseSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool);

    /** Makes a search by this method, which may be used as long as the index is open. */
    public ResponseSearch over(ResponseIndex index, Kernels kernels, WorkerPool pool) {
        return over(index.vectors(), index.metric(), kernels, pool);
    }

    /**
     * What is faster on the CPU for many searches: screening, unless the index is small or the kernels are scalar. For
     * a single search preparing it would cost more than it saves.
     */
    public static SearchMethod forMany(int rows, int dims, Kernels kernels) {
        return (long) rows * dims < LARGE || kernels instanceof ScalarKernels ? EXACT : SCREENED;
    }

    /**
     * Searches made-up rows for that long, so that the JVM compiles the kernels. Before it has, the Vector API is far
     * slower than plain Java; a program that will answer many queries does this while it loads. Ends early in a thread
     * that is interrupted.
     */
    public void warmUp(Kernels kernels, int dims, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        SyntheticVectors vectors = new SyntheticVectors(SyntheticVectors.Spread.ISOTROPIC, dims, 1);
        try (Arena arena = Arena.ofConfined();
                WorkerPool alone = new WorkerPool(1);
                ResponseSearch search = over(vectors.rows(WARM_UP_ROWS, arena, alone), Metric.INNER_PRODUCT, kernels,
                        alone)) {
            float[] query = vectors.queries(1)[0];
            while (System.nanoTime() < end && !Thread.currentThread().isInterrupted()) search.search(query, 1);
        }
    }
}
