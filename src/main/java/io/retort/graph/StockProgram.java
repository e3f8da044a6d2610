package io.retort.graph;

import io.retort.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph run in ND4J's session. It runs once at a time, since the session already uses every core and a second run
 * would only take more memory.
 */
final class StockProgram implements Program {
    private final Graph graph;
    private final List<String> outputs;
    private boolean closed;

    StockProgram(Graph graph, List<String> outputs) {
        this.graph = graph;
        this.outputs = List.copyOf(outputs);
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return run(inputs, outputs);
    }

    @Override
    public synchronized Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> wanted) {
        if (!outputs.containsAll(wanted)) throw new IllegalArgumentException(wanted + " are not all of " + outputs);
        // ND4J would read freed memory.
        if (closed) throw new IllegalStateException("the program is closed");
        Map<String, INDArray> arrays = new HashMap<>();
        Map<String, INDArray> results = Map.of();
        try {
            inputs.forEach((name, tensor) -> arrays.put(name, NdArrays.fromTensor(tensor, graph.precision())));
            results = graph.sameDiff().output(arrays, wanted);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (String output : wanted) tensors.put(output, NdArrays.toTensor(results.get(output)));
            return tensors;
        } finally {
            // Off-heap memory otherwise waits for the garbage collector of a heap that hardly fills.
            results.values().forEach(NdArrays::free);
            arrays.values().forEach(NdArrays::free);
        }
    }

    @Override
    public synchronized void row(String parameter, int row, float[] to, int at) {
        if (closed) throw new IllegalStateException("the program is closed");
        NdArrays.row(graph.bound(parameter), parameter, row, to, at);
    }

    @Override
    public synchronized void close() {
        closed = true;
        graph.free();
    }
}
