package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import picocli.CommandLine.Option;

/** Option that says how many threads compute. */
final class ThreadOption {
    private static final int MOST = 1024;

    @Option(names = {"-t", "--threads"}, paramLabel = "N",
            description = "Threads that compute; those of engine stock are set by OMP_NUM_THREADS. Default: all "
                    + "processors.")
    private int threads = Runtime.getRuntime().availableProcessors();

    int count() {
        if (threads < 1 || threads > MOST) throw BadInput.of("--threads " + threads, "use 1 to " + MOST);
        return threads;
    }

    WorkerPool pool() {
        return new WorkerPool(count());
    }
}
