package io.retort.graph;

import io.retort.simd.Kernels;
import io.retort.simd.ScalarKernels;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ParameterValue;
import java.util.List;
import java.util.Map;

/**
 * Executes graphs. Every engine gives the same results up to rounding; {@link #stock()} (ND4J's own session) is the
 * oracle of the others. Engines and their programs are safe to use from any thread. A program does not run once its
 * engine is closed, but is still to be closed itself.
 */
public interface Engine extends AutoCloseable {
    /** ND4J's own session, on the backend of the class path (CPU, or CUDA with the Maven profile {@code cuda}). */
    static Engine stock() {
        return StockEngine.instance();
    }

    /** Creates an engine of Retort's own kernels with this many threads, which end when it is closed. */
    static Engine simd(int threads) {
        return new SimdEngine(threads);
    }

    /**
     * Creates an engine of Retort's own kernels that computes on the threads of {@code pool}, which the caller closes.
     */
    static Engine simd(WorkerPool pool) {
        return new SimdEngine(pool);
    }

    /**
     * Creates the fastest engine that this CPU and JVM can run: {@link #simd}, or {@link #stock} where the JVM offers
     * no vector instructions.
     */
    static Engine best(int threads) {
        return isSimdBest() ? simd(threads) : stock();
    }

    /** Whether {@link #simd} is the fastest engine here. */
    static boolean isSimdBest() {
        return Kernels.arePlain() || !(Kernels.best() instanceof ScalarKernels);
    }

    /**
     * Returns an engine on the same threads for who is waited for: its programs run on loops in plain Java, which the JVM
     * compiles within milliseconds, until {@link Program#rehearsed}. Results may differ in their last digits between
     * before and after.
     */
    default Engine answering() {
        return this;
    }

    /** Returns the engine's short name, {@code simd} or {@code stock}, for settings and reports. */
    String name();

    /** Returns one line that tells people the backend, the device and the number of threads. */
    String description();

    /**
     * Makes a graph ready to run with these parameter values.
     *
     * @param parameters a value for each of {@link Graph#parameters()}, of its shape; copied. An engine that {@link
     * #keepsBlocks} keeps matrices that are only multiplied with in the form in which they are given
     * @param outputs names of the nodes that each run returns
     * @throws IllegalArgumentException if a parameter is missing or its shape differs
     */
    Program compile(Graph graph, Map<String, ? extends ParameterValue> parameters, List<String> outputs);

    /**
     * Makes a graph ready to be trained from these parameter values, with the gradients that SameDiff derives.
     * Parameters that are not trained are kept as {@link #compile} keeps them.
     *
     * @param loss a scalar; {@code outputs} name what else each run returns
     * @param inputs names of inputs whose gradients each run returns as well (embeddings: their gradient is added into
     * the table outside the graph)
     * @throws IllegalArgumentException if a parameter is missing or its shape differs
     */
    GradientProgram differentiate(Graph graph, Map<String, ? extends ParameterValue> parameters, Node loss,
            List<String> outputs, List<String> inputs);

    /**
     * Returns whether the engine computes with quantised matrices and those of 16 bits as they are; the others widen
     * them to floats, which gives the same up to rounding and takes more memory.
     */
    boolean keepsBlocks();

    /** Ends the engine's own threads and waits until they are gone. Closing again does nothing. */
    @Override
    void close();
}
