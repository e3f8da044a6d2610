package io.retort.graph;

import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.simd.WorkerPool;

/** The one implementation of {@link RetortRuntime}: a pool of threads, and the engine that computes with it. */
public final class ComputeRuntime implements RetortRuntime {
    private final WorkerPool pool;
    private final Engine engine;

    private ComputeRuntime(WorkerPool pool, Engine engine) {
        this.pool = pool;
        this.engine = engine;
    }

    /** Opens a runtime. */
    public static ComputeRuntime open(RuntimeSettings settings) {
        Engine engine = switch (settings.engine()) {
            case AUTO -> Engine.best(settings.threads());
            case SIMD -> Engine.simd(settings.threads());
            case STOCK -> Engine.stock();
        };
        return new ComputeRuntime(new WorkerPool(settings.threads()), engine);
    }

    /**
     * What stands behind the handle.
     *
     * @throws IllegalArgumentException if somebody else implemented it
     */
    public static ComputeRuntime of(RetortRuntime runtime) {
        if (runtime instanceof ComputeRuntime compute) return compute;
        throw new IllegalArgumentException("runtime is not one that Retort opened");
    }

    /** The engine that executes models. */
    public Engine engine() {
        return engine;
    }

    /** The threads that compute. */
    public WorkerPool pool() {
        return pool;
    }

    @Override
    public int threads() {
        return pool.threads();
    }

    @Override
    public String engineName() {
        return engine.name();
    }

    @Override
    public String description() {
        return engine.description();
    }

    @Override
    public void close() {
        pool.close();
    }
}
