package io.retort.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The weights in an ONNX file: its graph's initializers, and the nodes by which {@link #parameters()} recognises those
 * that the exporter renamed. The graph is never run. Initializers of a type that Retort has not (strings, complex,
 * 8-bit floats) are listed by {@link #unsupported()} and refused when read. Weights in other files beside it (ONNX
 * external data) are read from there.
 */
public final class OnnxFile implements TensorFile {
    private final MappedFile file;
    private final OnnxGraph graph;
    private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final SequencedMap<String, String> unsupported = new LinkedHashMap<>();
    private final SequencedMap<String, OnnxParameter> origins = new LinkedHashMap<>();
    private final SequencedMap<String, TensorInfo> parameters = new LinkedHashMap<>();

    /**
     * @throws io.retort.files.BadInput if there is no such file, or it is not well-formed ONNX
     */
    public static OnnxFile open(Path path) throws IOException {
        return MappedFile.open(path, OnnxFile::new);
    }

    OnnxFile(MappedFile file) {
        this.file = file;
        this.graph = OnnxGraph.read(file);
        graph.initializers().forEach((name, tensor) -> {
            if (tensor.type() == null) unsupported.put(name, tensor.typeName());
            else tensors.put(name, new TensorInfo(name, tensor.type(), tensor.shape()));
        });
        OnnxParameters.of(graph).forEach((name, parameter) -> {
            TensorInfo stored = tensors.get(parameter.initializer());
            if (stored == null) return;
            origins.put(name, parameter);
            Shape shape = parameter.transposed() ? stored.shape().transposed() : stored.shape();
            parameters.put(name, new TensorInfo(name, stored.type(), shape));
        });
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public SequencedMap<String, TensorInfo> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    /** Returns the initializers that cannot be read, with ONNX's name of their type; unmodifiable. */
    public SequencedMap<String, String> unsupported() {
        return Collections.unmodifiableSequencedMap(unsupported);
    }

    /** Returns the graph's operations in the file's order, which is a topological one; unmodifiable. */
    public List<OnnxNode> nodes() {
        return Collections.unmodifiableList(graph.nodes());
    }

    @Override
    public Tensor read(String name) {
        OnnxTensor tensor = graph.initializers().get(name);
        if (tensor == null) throw TensorInfo.missing(name, tensors, file.path());
        return tensor.tensor();
    }

    @Override
    public SequencedMap<String, TensorInfo> parameters() {
        return Collections.unmodifiableSequencedMap(parameters);
    }

    /** Returns the initializer behind each of {@link #parameters()}; unmodifiable. */
    public SequencedMap<String, OnnxParameter> origins() {
        return Collections.unmodifiableSequencedMap(origins);
    }

    /** {@inheritDoc} A parameter that the file stores transposed is a copy on the heap. */
    @Override
    public Tensor parameter(String name) {
        OnnxParameter origin = origins.get(name);
        if (origin == null) throw TensorInfo.missing(name, parameters, file.path());
        Tensor stored = read(origin.initializer());
        return origin.transposed() ? stored.transposed() : stored;
    }

    /**
     * Returns the names of the files beside this one that hold some of its weights, as this file gives them;
     * unmodifiable.
     */
    public Set<String> externalData() {
        return graph.external().locations();
    }

    @Override
    public void close() {
        graph.external().close();
        file.close();
    }
}
