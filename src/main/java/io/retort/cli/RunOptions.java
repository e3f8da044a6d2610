package io.retort.cli;

import io.retort.files.BadInput;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** Options for measuring a call, which is repeated until the JVM has compiled it and then timed. */
final class RunOptions {
    private static final int MOST = 1_000_000;
    /** The fewest calls before timing begins, however long one takes. */
    private static final int LEAST_WARM_UPS = 3;

    @Option(names = "--runs", paramLabel = "N", description = "Timed calls. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(names = "--warm-up", paramLabel = "S", defaultValue = "5",
            description = "Seconds of untimed calls before them, at least " + LEAST_WARM_UPS
                    + " calls. Default: ${DEFAULT-VALUE}.")
    private double warmUp;

    /** Options whose defaults suit calls that take milliseconds. */
    RunOptions() {
        this(30);
    }

    /**
     * @param runs timed calls, if the user does not say
     */
    RunOptions(int runs) {
        this.runs = runs;
    }

    /**
     * Warms {@code work} up and then times calls of it.
     *
     * @param label of the progress line
     */
    Timings time(String label, Runnable work) {
        if (runs < 1 || runs > MOST) throw BadInput.of("--runs " + runs, "use 1 to " + MOST);
        if (!(warmUp >= 0 && warmUp <= 3600)) throw BadInput.of("--warm-up " + warmUp, "use 0 to 3600 seconds");
        long until = System.nanoTime() + (long) (warmUp * TimeUnit.SECONDS.toNanos(1));
        for (int i = 0; i < LEAST_WARM_UPS || System.nanoTime() < until; i++) work.run();
        long[] nanos = new long[runs];
        try (ProgressLine progress = new ProgressLine(label, "runs")) {
            for (int i = 0; i < runs; i++) {
                long started = System.nanoTime();
                work.run();
                nanos[i] = System.nanoTime() - started;
                progress.update(i + 1L, runs);
            }
        }
        return new Timings(Arrays.stream(nanos).asDoubleStream().map(n -> n / 1e6).toArray());
    }
}
