package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import picocli.CommandLine.Option;

/** How searches run. */
final class SearchOptions {
    private static final int MOST = 1024;

    @Option(names = {"-t", "--threads"}, paramLabel = "N",
            description = "Threads that search. Default: all processors.")
    int threads = Runtime.getRuntime().availableProcessors();

    WorkerPool pool() {
        if (threads < 1 || threads > MOST) throw BadInput.of("--threads " + threads, "use 1 to " + MOST);
        return new WorkerPool(threads);
    }
}
