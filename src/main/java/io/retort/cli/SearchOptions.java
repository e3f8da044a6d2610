package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.search.ResponseIndex;
import io.retort.search.SearchMethod;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How searches run. */
final class SearchOptions {
    private static final int MOST = 1024;

    @Option(names = {"-t", "--threads"}, paramLabel = "N",
            description = "Threads that search. Default: all processors.")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--search", paramLabel = "METHOD", defaultValue = "auto",
            description = "exact scores every reply; screened first bounds all scores with a copy of the vectors in 8 "
                    + "bits, made in memory at the start, and scores what may be among the best. Both find the same, "
                    + "bit for bit. auto screens where that is faster: many searches, large index. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String method;

    /** What the option says of an index that will be searched many times, or once. */
    SearchMethod method(ResponseIndex index, Kernels kernels, boolean many) {
        return switch (method.toLowerCase(Locale.ROOT)) {
            case "exact" -> SearchMethod.EXACT;
            case "screened" -> SearchMethod.SCREENED;
            case "auto" -> many ? SearchMethod.forMany(index.count(), index.dims(), kernels) : SearchMethod.EXACT;
            default -> throw BadInput.of("--search " + method, "use exact, screened or auto");
        };
    }

    WorkerPool pool() {
        if (threads < 1 || threads > MOST) throw BadInput.of("--threads " + threads, "use 1 to " + MOST);
        return new WorkerPool(threads);
    }
}
