package io.retort.graph;

import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.simd.WorkerPool;

/**
 * The one implementation of {@link RetortRuntime}: a pool of threads, and an engine that computes with that very pool.
 * Closing it while something computes is safe: a loop that runs is done whole, and whatever would begin another is
 * refused with an {@link IllegalStateException}.
 */
public final class ComputeRuntime implements RetortRuntime {
    private final WorkerPool pool;
    private final Engine engine;

    private ComputeRuntime(WorkerPool pool, Engine engine) {
        this.pool = pool;
        this.engine = engine;
    }

    /** Opens a runtime with the threads and the engine that the settings ask for; the caller closes it. */
    public static ComputeRuntime open(RuntimeSettings settings) {
        WorkerPool pool = new WorkerPool(settings.threads());
        try {
            return new ComputeRuntime(pool, engine(settings.engine(), pool));
        } catch (Throwable e) { // ND4J may find no backend that runs here
            pool.close();
            throw e;
        }
    }

    private static Engine engine(RuntimeSettings.EngineChoice choice, WorkerPool pool) {
        return switch (choice) {
            case AUTO -> Engine.isSimdBest() ? Engine.simd(pool) : Engine.stock();
            case SIMD -> Engine.simd(pool);
            case STOCK -> Engine.stock();
        };
    }

    /**
     * Returns the implementation behind the public handle, by which the other rooms reach its engine and threads.
     *
     * @throws IllegalArgumentException if somebody else implemented it
     */
    public static ComputeRuntime of(RetortRuntime runtime) {
        if (runtime instanceof ComputeRuntime compute) return compute;
        throw new IllegalArgumentException("runtime is not one that Retort opened");
    }

    /**
     * Returns the engine that executes models on this runtime's threads.
     *
     * @throws IllegalStateException if the runtime is closed
     */
    public Engine engine() {
        requireOpen();
        return engine;
    }

    /**
     * Returns the pool of threads that searches and engines of this runtime share.
     *
     * @throws IllegalStateException if the runtime is closed
     */
    public WorkerPool pool() {
        requireOpen();
        return pool;
    }

    private void requireOpen() {
        if (pool.isClosed()) throw new IllegalStateException("the runtime is closed");
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
        engine.close();
    }
}
