package io.retort.graph;

import io.retort.tensor.Tensor;
import java.util.List;
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

    /**
     * Runs what some of the outputs need, and nothing else.
     *
     * @param inputs  those that these outputs depend on
     * @param outputs some of the program's
     * @return as above
     * @throws IllegalArgumentException if one is no output of the program
     */
    Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs);

    /** Frees native memory; the program cannot run again. */
    @Override
    void close();
}
