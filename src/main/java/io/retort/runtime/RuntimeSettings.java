package io.retort.runtime;

import io.retort.settings.Setting;

/**
 * How a runtime computes.
 *
 * @param engine  what executes models
 * @param threads that compute, the calling one included: 1 to {@value #MOST_THREADS}
 */
public record RuntimeSettings(
        @Setting(value = "What executes models: simd (Retort's own kernels) or stock (ND4J's session). auto is simd "
                + "where this CPU and JVM have vectors, stock elsewhere.", label = "NAME") EngineChoice engine,
        @Setting(value = "Threads that compute; those of engine stock are set by OMP_NUM_THREADS.", label = "N",
                decides = false, defaultText = "all processors") int threads) {
    /** The largest number of threads that is accepted; a greater one is taken for a mistake. */
    public static final int MOST_THREADS = 1024;

    public RuntimeSettings {
        if (engine == null) throw new IllegalArgumentException("engine is null");
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("threads is " + threads + ", not 1 to " + MOST_THREADS);
        }
    }

    // Written out for a quick start: the JVM makes a dozen classes for what a record has by itself.
    @Override
    public boolean equals(Object other) {
        return other instanceof RuntimeSettings settings && engine == settings.engine && threads == settings.threads;
    }

    @Override
    public int hashCode() {
        return 31 * engine.ordinal() + threads;
    }

    /** The default settings: the fastest engine that runs on this machine, on all processors. */
    public static RuntimeSettings defaults() {
        return new RuntimeSettings(EngineChoice.AUTO,
                Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
    }

    /** These settings with another engine. */
    public RuntimeSettings withEngine(EngineChoice engine) {
        return new RuntimeSettings(engine, threads);
    }

    /** These settings with another number of threads. */
    public RuntimeSettings withThreads(int threads) {
        return new RuntimeSettings(engine, threads);
    }

    /** Which engine executes models. */
    public enum EngineChoice {
        /** The SIMD engine where this CPU and JVM have vectors, the stock one elsewhere. */
        AUTO,
        /** Retort's own kernels on the Vector API. */
        SIMD,
        /** ND4J's own session, against which the results of the SIMD engine are checked. */
        STOCK
    }
}
