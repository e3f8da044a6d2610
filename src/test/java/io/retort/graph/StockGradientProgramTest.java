package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.SampleGraphs.Size;
import io.retort.graph.SampleGraphs.Written;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The oracle's gradients against central differences, in double, through the buffers that an optimiser sees. */
class StockGradientProgramTest {
    private static final Size SIZE = new Size(2, 3, 4, 2);
    private static final double STEP = 1e-6;
    private static final double TOLERANCE = 1e-6;

    @ParameterizedTest
    @EnumSource
    void everyGradientEqualsCentralDifferences(SampleGraphs sample) {
        Written written = sample.written(ElementType.F64, SIZE);
        Map<String, Tensor> inputs = sample.inputs(ElementType.F64, SIZE);
        try (GradientProgram program = differentiate(written)) {
            double[] fromEmbeddings = program.run(inputs).inputGradients().get(SampleGraphs.EMBEDDINGS).toDoubles();
            double[] gradients = program.gradients().toArray(ValueLayout.JAVA_DOUBLE);
            for (ParameterLayout.Entry entry : program.layout().entries()) {
                for (long i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
                    assertSlope(program, inputs, program.parameters(), i, gradients[(int) i], entry.name());
                }
            }
            MemorySegment embeddings = inputs.get(SampleGraphs.EMBEDDINGS).data();
            for (int i = 0; i < fromEmbeddings.length; i++) {
                assertSlope(program, inputs, embeddings, i, fromEmbeddings[i], SampleGraphs.EMBEDDINGS);
            }
        }
    }

    private static void assertSlope(GradientProgram program, Map<String, Tensor> inputs, MemorySegment values, long i,
            double gradient, String name) {
        double original = values.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, original + STEP);
        double up = program.run(inputs).scalar("loss");
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, original - STEP);
        double down = program.run(inputs).scalar("loss");
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, original);
        double slope = (up - down) / (2 * STEP);
        assertEquals(slope, gradient, TOLERANCE * Math.max(1, Math.abs(slope)), name + " at " + i);
    }

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
            long before = Pointer.physicalBytes();
            for (int i = 0; i < 100; i++) program.run(inputs);
            long grown = Pointer.physicalBytes() - before;
            assertTrue(grown < 100L * weight.length * Float.BYTES, grown + " bytes in 100 runs");
        }
    }

    private static GradientProgram differentiate(Written written) {
        return Engine.stock().differentiate(written.graph(), written.parameters(), written.loss(),
                List.of(SampleGraphs.OUTPUT), List.of(SampleGraphs.EMBEDDINGS));
    }
}
