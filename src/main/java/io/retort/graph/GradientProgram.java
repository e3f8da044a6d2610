package io.retort.graph;

import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A graph ready to be trained: one run gives its outputs and the gradients of its loss. Parameters and their gradients
 * lie in two flat buffers of one layout, off the heap, for an optimiser to work on between runs.
 *
 * <p>One thread at a time.
 */
public interface GradientProgram extends AutoCloseable {
    /** Returns where each parameter, and its gradient, lies in the flat buffers. */
    ParameterLayout layout();

    /** Returns the parameter values that the next run uses; the caller may change them between runs. */
    MemorySegment parameters();

    /**
     * Returns the gradients that the last run computed, which the next run overwrites. A parameter that the loss does
     * not depend on has zeros.
     */
    MemorySegment gradients();

    /**
     * Looks up a row of a matrix that is not trained, as {@link Program#row} does.
     *
     * @throws IllegalArgumentException if the program has no such matrix
     */
    void row(String parameter, int row, float[] to, int at);

    /**
     * Runs one forward and backward pass; the gradients of parameters are then in {@link #gradients()}.
     *
     * @param inputs a value for each input of the graph, open dimensions filled in
     * @throws IllegalStateException if the program is closed
     */
    Result run(Map<String, Tensor> inputs);

    /**
     * Computes the outputs alone with the present parameters: no gradient is computed, and {@link #gradients()} keeps
     * its values.
     *
     * @param inputs those that the outputs depend on; others may be missing
     * @return the outputs asked for, without the loss
     */
    Map<String, Tensor> outputs(Map<String, Tensor> inputs);

    /**
     * Begins a pass that waits, once its outputs are there, for inputs that depend on them, such as the gradient of a
     * loss over the outputs of several passes. What the backward half needs is kept meanwhile. Any number of passes may
     * wait at once; parameters must not change before all are finished.
     *
     * @param inputs those that the outputs depend on
     * @param later  shapes of the other inputs of the graph
     */
    Waiting begin(Map<String, Tensor> inputs, Map<String, Shape> later);

    /** A pass whose forward half is done and whose backward half waits for further inputs. */
    interface Waiting {
        /** Returns the outputs of the forward half, without the loss. */
        Map<String, Tensor> outputs();

        /**
         * Computes the backward half, once only; the result is that of one {@link #run} with all inputs.
         *
         * @param inputs a value for each input that was missing
         */
        Result finish(Map<String, Tensor> inputs);
    }

    /**
     * What a run returns; the tensors are copies that belong to the caller.
     *
     * @param outputs        by name: the loss (a scalar) and what else was asked for
     * @param inputGradients by name of the input, for those asked for
     */
    record Result(Map<String, Tensor> outputs, Map<String, Tensor> inputGradients) {
        /** Returns the value of an output that has a single element, such as the loss. */
        public double scalar(String output) {
            Tensor value = outputs.get(output);
            if (value.shape().size() != 1) throw new IllegalArgumentException(output + " is " + value);
            return value.toDoubles()[0];
        }
    }

    /** Frees native memory, the two buffers included; the program cannot run again. */
    @Override
    void close();
}
