package io.retort.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An operation of an ONNX graph.
 *
 * @param name often the path of the module it came from, {@code /encoder/layer.0/attention/self/query/MatMul}; may be
 * empty
 * @param inputs names of initializers and of other nodes' outputs; an empty one stands for an optional input that is
 * absent
 * @param integers its attributes of type INT, such as {@code transB}
 */
public record OnnxNode(String name, String opType, List<String> inputs, List<String> outputs,
        Map<String, Long> integers) {
    public OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        integers = Map.copyOf(integers);
    }

    /** Returns an attribute of type INT, or {@code otherwise} where the node has none of that name. */
    public long integer(String attribute, long otherwise) {
        return integers.getOrDefault(attribute, otherwise);
    }

    /** Reads a node from a {@code NodeProto}. */
    static OnnxNode read(ProtoReader message) {
        String name = "";
        String opType = "";
        var inputs = new ArrayList<String>(2);
        var outputs = new ArrayList<String>(1);
        var integers = new HashMap<String, Long>(2);
        while (message.next()) {
            switch (message.field()) {
                case 1 -> inputs.add(message.text());
                case 2 -> outputs.add(message.text());
                case 3 -> name = message.text();
                case 4 -> opType = message.text();
                case 5 -> readAttribute(message.message(), integers);
                default -> message.skip();
            }
        }
        return new OnnxNode(name, opType, inputs, outputs, integers);
    }

    /** Reads an {@code AttributeProto} and keeps it if it is an integer; tensors and sub-graphs are passed over. */
    private static void readAttribute(ProtoReader message, Map<String, Long> integers) {
        String name = "";
        Long integer = null;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> name = message.text();
                case 3 -> integer = message.integer();
                default -> message.skip();
            }
        }
        if (integer != null) integers.put(name, integer);
    }
}
