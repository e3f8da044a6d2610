package io.retort.graph;

import io.retort.tensor.Tensor;
import java.util.Map;

/** A graph ready to run. Safe to use from any thread. */
public interface Program extends AutoCloseable {
    /**
     * Runs the graph once.
     *
     * @param inputs a value for each input, open dimensions filled in
     * @return the outputs by name; tensors of the caller
     * @throws IllegalStateException if the program is closed
     */
    Map<String, Tensor> run(Map<String, Tensor> inputs);

    /** Frees native memory; the program cannot run again. */
    @Override
    void close();
}
