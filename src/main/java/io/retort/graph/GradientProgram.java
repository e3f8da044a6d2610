package io.retort.graph;

import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A graph ready to be trained: one run gives its outputs and the gradients of its loss. Parameters and their gradients
 * lie in two flat buffers of one layout, off the heap, for an optimiser to work on between runs.
 *
 * <p>One thread at a time.
 */
public interface GradientProgram extends AutoCloseable {
    /** Where each parameter, and its gradient, lies. */
    ParameterLayout layout();

    /** The values that the next run uses; the caller may change them between runs. */
    MemorySegment parameters();

    /** What the last run computed; overwritten by each. A parameter that the loss does not depend on has zeros. */
    MemorySegment gradients();

    /**
     * One forward and backward pass.
     *
     * @param inputs a value for each input of the graph, open dimensions filled in
     * @throws IllegalStateException if the program is closed
     */
    default Result run(Map<String, Tensor> inputs) {
        return run(inputs, Interlude.NONE);
    }

    /**
     * One forward and backward pass with work of the caller's between the two.
     *
     * @param inputs a value for each input of the graph; those that the interlude fills may hold anything
     * @throws IllegalStateException if the program is closed
     */
    Result run(Map<String, Tensor> inputs, Interlude interlude);

    /**
     * What the caller does between forward and backward, where the gradient of an output comes from elsewhere: a head
     * that runs by itself, part after part.
     *
     * @param fills inputs that the work writes into, the same tensors that the run was given; no output may depend on
     *              them but the loss
     * @param work  is given the outputs, all but the loss
     */
    record Interlude(Set<String> fills, Consumer<Map<String, Tensor>> work) {
        static final Interlude NONE = new Interlude(Set.of(), outputs -> {
        });
    }

    /**
     * What a run returns; tensors of the caller.
     *
     * @param outputs        by name: the loss (a scalar) and what else was asked for
     * @param inputGradients by name of the input, for those asked for
     */
    record Result(Map<String, Tensor> outputs, Map<String, Tensor> inputGradients) {
        /** The value of an output of one element. */
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
