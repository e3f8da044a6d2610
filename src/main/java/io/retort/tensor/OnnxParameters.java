package io.retort.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Finds the parameter names that PyTorch's exporter drops. It transposes each Linear's weight for MatMul and calls the
 * copy {@code onnx::MatMul_787}, but names the node that multiplies by it after the module: {@code
 * /encoder/layer.0/output/dense/MatMul}. So the one node that uses such an initializer tells its name.
 */
final class OnnxParameters {
    private static final String RENAMED = "onnx::";
    private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm");

    private final OnnxGraph graph;
    /** The nodes that use each renamed initializer, once for each use. */
    private final Map<String, List<OnnxNode>> users = new HashMap<>();

    private OnnxParameters(OnnxGraph graph) {
        this.graph = graph;
        for (OnnxNode node : graph.nodes()) {
            for (String input : node.inputs()) {
                if (input.startsWith(RENAMED)) users.computeIfAbsent(input, name -> new ArrayList<>(1)).add(node);
            }
        }
    }

    /**
     * Returns every initializer by its parameter's name, in the file's order. Where no name can be told, or another
     * initializer has it, the initializer keeps its own name, which tells an importer that it is left over.
     */
    static SequencedMap<String, OnnxParameter> of(OnnxGraph graph) {
        var names = new OnnxParameters(graph);
        var parameters = new LinkedHashMap<String, OnnxParameter>();
        for (OnnxTensor initializer : graph.initializers().values()) {
            OnnxParameter parameter = names.parameter(initializer);
            boolean taken = parameters.containsKey(parameter.name())
                    || !parameter.name().equals(initializer.name())
                            && graph.initializers().containsKey(parameter.name());
            if (taken) parameter = unchanged(initializer);
            parameters.put(parameter.name(), parameter);
        }
        return parameters;
    }

    private OnnxParameter parameter(OnnxTensor initializer) {
        List<OnnxNode> products = users.getOrDefault(initializer.name(), List.of());
        if (products.size() != 1 || initializer.shape().rank() != 2) return unchanged(initializer);
        OnnxNode product = products.getFirst();
        String module = module(product);
        boolean second = product.inputs().size() > 1 && product.inputs().get(1).equals(initializer.name());
        if (module.isEmpty() || !second) return unchanged(initializer);
        boolean transposed = product.opType().equals("MatMul") || product.integer("transB", 0) == 0;
        return new OnnxParameter(module + ".weight", initializer.name(), transposed);
    }

    /**
     * Returns the parameter prefix that a product's name tells, {@code a.b.0.c} for {@code /a/b.0/c/MatMul}; empty for
     * any other node.
     */
    private static String module(OnnxNode node) {
        String suffix = "/" + node.opType();
        boolean named = PRODUCTS.contains(node.opType()) && node.name().startsWith("/") && node.name().endsWith(suffix)
                && node.name().length() > suffix.length();
        return named ? node.name().substring(1, node.name().length() - suffix.length()).replace('/', '.') : "";
    }

    private static OnnxParameter unchanged(OnnxTensor initializer) {
        return new OnnxParameter(initializer.name(), initializer.name(), false);
    }
}
