package io.retort.search;

import io.retort.gpu.Gpu;
import io.retort.gpu.GpuDemand;
import io.retort.gpu.GpuException;
import io.retort.gpu.GpuInfo;
import io.retort.gpu.ScreenFormat;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * The method by which rows will be searched, and the one that takes over if it fails. This is the one place where a
 * card is taken that nobody asked for: where the searches to come would keep the CPU for longer than the card takes to
 * be made ready, and the card can search such rows and has the memory.
 *
 * @param method    the first choice
 * @param otherwise what takes over, without the caller's noticing, if a card fails; the method itself if nothing does,
 *                  and if it is not a card's
 */
public record SearchPlan(SearchMethod method, SearchMethod otherwise) {
    public SearchPlan {
        if (method != otherwise && method != SearchMethod.GPU) {
            throw new IllegalArgumentException("otherwise: " + otherwise + " instead of " + method);
        }
    }

    /** Number of searches that are expected where a process goes on. */
    public static final long MANY = 1000;
    /**
     * Searches times numbers in the rows from which a card pays. Two cores that screen read some 7e10 a second
     * (docs/performance.md), so this is well over a second of theirs. On an H100 the searches themselves take a
     * hundredth of that, but opening it some 0.3 s, copying the rows 0.1 s a gigabyte, and the driver's compiler, the
     * first time, 1 to 3 s.
     */
    private static final double WORTH = 1e11;

    /**
     * A plan to search by a given method and no other.
     *
     * @throws io.retort.gpu.NoGpu if it needs a card, and there is none
     */
    public static SearchPlan of(SearchMethod method) {
        method.requireHere();
        return new SearchPlan(method, method);
    }

    /**
     * A plan to search on a card if that pays, and else on the CPU.
     *
     * @param onCpu    the method there
     * @param searches how many queries are expected in all
     */
    public static SearchPlan auto(SearchMethod onCpu, int rows, int dims, long searches) {
        return auto(onCpu, rows, dims, searches, () -> Gpu.describe(0));
    }

    /** A plan to search rows of some form on a card if that pays and the card can, and else on the CPU. */
    public static SearchPlan auto(SearchMethod onCpu, int rows, int dims, RowFormat format, long searches) {
        return format == RowFormat.F32 ? auto(onCpu, rows, dims, searches) : of(onCpu);
    }

    /**
     * @param card what tells of the first card; not asked where none would pay
     */
    static SearchPlan auto(SearchMethod onCpu, int rows, int dims, long searches, Supplier<Optional<GpuInfo>> card) {
        if ((double) searches * rows * dims < WORTH) return of(onCpu);
        GpuDemand demand = new GpuDemand(rows, dims, ScreenFormat.INT8);
        try {
            boolean can = card.get().filter(info -> demand.obstacle(info).isEmpty())
                    .filter(info -> demand.bytes() <= info.memoryBytes()).isPresent();
            return can ? new SearchPlan(SearchMethod.GPU, onCpu) : of(onCpu);
        } catch (GpuException e) {
            LoggerFactory.getLogger(SearchPlan.class).warn("searching on the CPU: {}", e.getMessage());
            return of(onCpu);
        }
    }

    /**
     * Makes a search of rows by the planned method, as {@link SearchMethod#over(Rows, Metric, Kernels, WorkerPool)}
     * does.
     */
    public ResponseSearch over(Rows rows, Metric metric, Kernels kernels, WorkerPool pool) {
        if (method == otherwise) return method.over(rows, metric, kernels, pool);
        return new FailoverSearch(() -> GpuSearch.wholeOnFirstCard(rows, metric, kernels, pool),
                () -> otherwise.over(rows, metric, kernels, pool));
    }

    /** Makes a search by this plan, which may be used as long as the index is open. */
    public ResponseSearch over(ResponseIndex index, Kernels kernels, WorkerPool pool) {
        return method == otherwise
                ? method.over(index, kernels, pool)
                : over(index.vectors(), index.metric(), kernels, pool);
    }

    /** The method that a search made by a plan uses now. */
    public static SearchMethod methodOf(ResponseSearch search) {
        return switch (search) {
            case ExactSearch _ -> SearchMethod.EXACT;
            case ScreenedSearch _ -> SearchMethod.SCREENED;
            case GpuSearch _ -> SearchMethod.GPU;
            case HnswSearch _ -> SearchMethod.ANN;
            case FailoverSearch either -> methodOf(either.current());
            default -> throw new IllegalArgumentException("search: of no method, " + search);
        };
    }
}
