package io.retort.reply;

import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.ResponseIndex;
import io.retort.search.ResponseSearch;
import io.retort.search.SearchMethod;
import io.retort.search.SearchPlan;
import io.retort.simd.Kernels;
import io.retort.simd.RowFormat;
import io.retort.simd.ScalarKernels;
import io.retort.simd.ThreadEnd;
import io.retort.simd.WorkerPool;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The methods and the kernels that are fastest for an index and what it is opened for.
 *
 * @param warms whether the kernels will run often enough that the JVM should compile them now
 */
public record SearchSetup(SearchPlan plan, Kernels kernels, boolean warms) {
    /** The most numbers in an index whose search is over before the JVM has compiled the vector kernels. */
    private static final long SMALL = 100_000_000;
    /** How long the vector kernels are warmed up: about what compiling them takes, less than a model takes to load. */
    private static final Duration WARM_UP = Duration.ofMillis(800);
    /** The methods that this process has warmed up already. */
    private static final Set<SearchMethod> WARM = ConcurrentHashMap.newKeySet();

    /** Chooses the setup for an index of {@code rows} vectors of {@code dims} dimensions. */
    static SearchSetup of(ResponderSettings settings, int rows, int dims, RowFormat format) {
        boolean many = settings.searches() != Searches.ONE;
        Kernels kernels = !many && isScalarBetter(rows, dims) ? new ScalarKernels() : Kernels.best();
        SearchMethod onCpu = many ? SearchMethod.forMany(rows, dims, kernels) : SearchMethod.EXACT;
        SearchPlan plan = asked(settings.search()).map(SearchPlan::of)
                .orElseGet(() -> SearchPlan.auto(onCpu, rows, dims, format, many ? SearchPlan.MANY : 1));
        return new SearchSetup(plan, kernels, many);
    }

    /** The method that a choice names; empty if it leaves the method open. */
    public static Optional<SearchMethod> asked(SearchChoice choice) {
        return switch (choice) {
            case AUTO -> Optional.empty();
            case EXACT -> Optional.of(SearchMethod.EXACT);
            case SCREENED -> Optional.of(SearchMethod.SCREENED);
            case GPU -> Optional.of(SearchMethod.GPU);
            case ANN -> Optional.of(SearchMethod.ANN);
        };
    }

    /**
     * Whether a single search is faster without vectors: not yet compiled, the Vector API is far slower than plain
     * Java, whose scores are the same bit for bit.
     */
    private static boolean isScalarBetter(int rows, int dims) {
        boolean free = System.getProperty(Kernels.PROPERTY) == null;
        return free && (long) rows * dims < SMALL;
    }

    /** Has the JVM compile the kernels in a thread of its own, which closing the returned ends. */
    AutoCloseable warmUp(int dims) {
        SearchMethod method = plan.method();
        if (!warms || Kernels.arePlain() || WARM.contains(method)) return () -> {};
        Thread thread = Thread.ofPlatform().daemon().name("retort-warm-up").start(() -> {
            method.warmUp(kernels, dims, WARM_UP);
            if (!Thread.currentThread().isInterrupted()) WARM.add(method);
        });
        return () -> end(thread);
    }

    /** Interrupts a thread and waits until it has ended. */
    static void end(Thread thread) {
        thread.interrupt();
        ThreadEnd.await(thread);
    }

    /** Makes the search; where scores are no dot products every reply is scored, so nothing is prepared. */
    ResponseSearch over(RetrievalModel model, ResponseIndex index, WorkerPool pool) {
        return (model.isSearchable() ? plan : SearchPlan.of(SearchMethod.EXACT)).over(index, kernels, pool);
    }
}
