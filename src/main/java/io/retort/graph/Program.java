package io.retort.graph;

import io.retort.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A graph ready to run. Safe to use from any thread. */
public interface Program extends AutoCloseable {
    /**
     * Runs the graph once and returns all outputs that it was compiled for.
     *
     * @param inputs a value for each input, open dimensions filled in
     * @return the outputs by name; the tensors belong to the caller
     * @throws IllegalStateException if the program is closed
     */
    Map<String, Tensor> run(Map<String, Tensor> inputs);

    /**
     * Runs only what some of the outputs need.
     *
     * @param inputs  a value for each input that these outputs depend on
     * @param outputs names of some of the program's outputs
     * @return these outputs by name; the tensors belong to the caller
     * @throws IllegalArgumentException if a name is no output of the program
     */
    Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs);

    /**
     * Runs the graph for nothing but that the JVM compiles what later runs compute with.
     *
     * @param inputs a value for each input
     */
    default void rehearse(Map<String, Tensor> inputs) {
        run(inputs);
    }

    /** Ends rehearsing: later runs compute with what was rehearsed. */
    default void rehearsed() {
    }

    /**
     * Looks up a row of a parameter that is a matrix, such as a token's embedding.
     *
     * @param to receives the row, as floats, from {@code at} on
     * @throws IllegalArgumentException  if the program has no matrix of this name
     * @throws IndexOutOfBoundsException if the matrix has no such row
     */
    void row(String parameter, int row, float[] to, int at);

    /** Frees the program's native memory; it cannot run again. */
    @Override
    void close();
}
