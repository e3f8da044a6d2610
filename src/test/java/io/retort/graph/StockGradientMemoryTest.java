package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What the oracle's gradient programs leave in memory. */
@Isolated("measures the memory of the whole process")
class StockGradientMemoryTest {
    @Test
    void runsLeaveNoNativeMemoryBehind() {
        int dim = 1024; // 4 MB of weight, copied to and its gradient from the session at each run
        Graph graph = Graph.of(ElementType.F32);
        Node y = Layers.linear(graph, "dense", graph.input("x", Graph.ANY, dim), dim, dim);
        Node loss = graph.sum(graph.sum(y, 1, false), 0, false);
        float[] weight = new float[dim * dim];
        Map<String, Tensor> parameters = Map.of("dense.weight", Tensor.of(weight, dim, dim), "dense.bias",
                Tensor.of(new float[dim], dim));
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[dim], 1, dim));
        try (GradientProgram program = Engine.stock().differentiate(graph, parameters, loss, List.of(), List.of())) {
            for (int i = 0; i < 5; i++) program.run(inputs);
            long most = 300L * weight.length * Float.BYTES / 2;
            long grown = PhysicalMemory.grownBy(() -> {
                for (int i = 0; i < 300; i++) program.run(inputs);
            }, most);
            assertTrue(grown < most, grown + " bytes in 300 runs");
        }
    }
}
