package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.graph.ParameterLayout;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.lang.foreign.MemorySegment;
import java.util.SequencedMap;

/**
 * The tensors of a checkpoint, from which flat buffers of weights are filled; and how such buffers become named
 * tensors.
 */
record NamedWeights(TensorFile file) {
    /**
     * Adds a view of each parameter's elements, named {@code PREFIX NAME}.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    static void collect(String prefix, ParameterLayout layout, MemorySegment buffer,
            SequencedMap<String, Tensor> tensors) {
        for (ParameterLayout.Entry entry : layout.entries()) {
            Tensor view = new Tensor(layout.precision(), entry.shape(), layout.slice(buffer, entry));
            if (tensors.putIfAbsent(prefix + entry.name(), view) != null) {
                throw new IllegalArgumentException("two parameters are called " + entry.name());
            }
        }
    }

    /**
     * Fills a buffer with the tensors that {@link #collect} named with the same prefix.
     *
     * @throws BadInput if a tensor is missing or of another shape
     */
    void copyTo(String prefix, ParameterLayout layout, MemorySegment buffer) {
        for (ParameterLayout.Entry entry : layout.entries()) {
            Tensor tensor = file.read(prefix + entry.name());
            if (tensor.type() != ElementType.F32 || !tensor.shape().equals(entry.shape())) {
                throw BadInput.in(file.path(),
                        prefix + entry.name() + " is " + tensor + ", the model's is " + entry.shape(),
                        "it is of another model: resume with the model that the run was started with");
            }
            layout.slice(buffer, entry).copyFrom(tensor.data());
        }
    }
}
