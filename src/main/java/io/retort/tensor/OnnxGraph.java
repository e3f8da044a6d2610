package io.retort.tensor;

import io.retort.files.BadInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The parts of an ONNX file's {@code ModelProto} and its {@code GraphProto} that weights are found by. */
record OnnxGraph(List<OnnxNode> nodes, SequencedMap<String, OnnxTensor> initializers, OnnxExternalData external) {
    private static final int MODEL_GRAPH = 7;
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;
    private static final int SPARSE_INITIALIZER = 15;
    /**
     * The most nodes or tensors that are accepted: far above any real graph, and below what a hostile file could make
     * costly.
     */
    private static final int MOST_PARTS = 1_000_000;

    /**
     * Reads the graph of a mapped ONNX file.
     *
     * @throws BadInput if the file or one with its external data is not well-formed, or it has no graph
     */
    static OnnxGraph read(MappedFile file) {
        var external = new OnnxExternalData(file.path());
        try {
            return read(file, new OnnxGraph(new ArrayList<>(), new LinkedHashMap<>(), external));
        } catch (RuntimeException | Error e) {
            external.close();
            throw e;
        }
    }

    private static OnnxGraph read(MappedFile file, OnnxGraph graph) {
        var model = new ProtoReader(file, 0, file.size());
        boolean found = false;
        while (model.next()) {
            if (model.field() == MODEL_GRAPH) {
                graph.readGraph(model.message());
                found = true;
            } else {
                model.skip();
            }
        }
        if (!found) throw BadInput.in(file.path(), "no graph in this ONNX file", "export the model again");
        return graph;
    }

    private void readGraph(ProtoReader message) {
        while (message.next()) {
            switch (message.field()) {
                case NODE -> nodes.add(OnnxNode.read(message.message()));
                case INITIALIZER -> add(OnnxTensor.read(message.message(), external), message);
                case SPARSE_INITIALIZER -> throw message.refusal("sparse weights are not supported");
                default -> message.skip();
            }
            if (nodes.size() + initializers.size() > MOST_PARTS) {
                throw message.refusal("more than " + MOST_PARTS + " nodes and tensors");
            }
        }
    }

    private void add(OnnxTensor tensor, ProtoReader message) {
        if (tensor.name().isEmpty()) throw message.refusal("a tensor without a name");
        if (initializers.putIfAbsent(tensor.name(), tensor) != null) {
            throw message.refusal("two tensors named " + Quoted.name(tensor.name()));
        }
    }
}
