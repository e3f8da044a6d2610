package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values and gradients of the layers, in double. */
class LayersTest {
    private static final double TOLERANCE = 1e-6;
    private final Graph graph = Graph.of(ElementType.F64);
    private final Random random = new Random(11);

    @Test
    void geluIsTheExactOneFarIntoItsTails() {
        assertValues(x -> Layers.gelu(graph, x), x -> x / 2 * (1 + Erf.erf(x / Math.sqrt(2))), 1e-7);
    }

    @Test
    void geluTanhIsItsFormula() {
        DoubleUnaryOperator formula = x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        assertValues(x -> Layers.geluTanh(graph, x), formula, 1e-12);
    }

    private void assertValues(UnaryOperator<Node> layer, DoubleUnaryOperator formula, double tolerance) {
        double[] points = {-40, -8, -3, -1, -1e-3, 0, 1e-3, 0.5, 1, 3, 8, 40};
        Node y = layer.apply(graph.input("x", 1, Graph.ANY));
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(points, 1, points.length));
        try (Program program = Engine.stock().compile(graph, Map.of(), List.of(y.name()))) {
            double[] values = program.run(inputs).get(y.name()).toDoubles();
            for (int i = 0; i < points.length; i++) {
                assertEquals(formula.applyAsDouble(points[i]), values[i], tolerance, "at " + points[i]);
            }
        }
    }

    @Test
    void theGradientOfGeluIsRight() {
        assertGradients(Layers.gelu(graph, graph.input("x", 4, 5)), Map.of("x", uniform(4, 5)), "x");
    }

    @Test
    void theGradientOfGeluTanhIsRight() {
        assertGradients(Layers.geluTanh(graph, graph.input("x", 4, 5)), Map.of("x", uniform(4, 5)), "x");
    }

    @Test
    void theGradientsOfLinearAreRight() {
        assertGradients(Layers.linear(graph, "dense", graph.input("x", 4, 5), 5, 3), Map.of("x", uniform(4, 5)), "x");
    }

    /** One epsilon for each of the two ways in which the layer is written. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-12, 1e-5, 0.1})
    void theGradientsOfLayerNormAreRight(double epsilon) {
        Node y = Layers.layerNorm(graph, "norm", graph.input("x", 4, 5), 5, epsilon);
        assertGradients(y, Map.of("x", uniform(4, 5)), "x");
    }

    @Test
    void theEpsilonOfLayerNormCounts() {
        Node y = Layers.layerNorm(graph, "norm", graph.input("x", 1, 2), 2, 1e-2);
        Map<String, Tensor> parameters = Map.of("norm.weight", Tensor.of(new double[]{1, 1}, 2), "norm.bias",
                Tensor.of(new double[]{0, 0}, 2));
        try (Program program = Engine.stock().compile(graph, parameters, List.of(y.name()))) {
            Tensor x = Tensor.of(new double[]{-0.1, 0.1}, 1, 2);
            double[] values = program.run(Map.of("x", x)).get(y.name()).toDoubles();
            assertEquals(0.1 / Math.sqrt(0.01 + 0.01), values[1], 1e-12);
        }
    }

    @Test
    void theGradientsOfAttentionAreRightWithPadding() {
        int batch = 2;
        int time = 3;
        Node like = graph.input("like", Graph.ANY, Graph.ANY, 4);
        Node mask = graph.input("mask", Graph.ANY, 1, 1, Graph.ANY);
        Node y = Layers.attention(graph, graph.input("query", Graph.ANY, 4), graph.input("key", Graph.ANY, 4),
                graph.input("value", Graph.ANY, 4), like, mask, 2, 2);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String name : List.of("query", "key", "value")) inputs.put(name, uniform(batch * time, 4));
        inputs.put("like", uniform(batch, time, 4));
        inputs.put("mask", Tensor.of(new double[]{0, 0, 0, 0, 0, -1e9}, batch, 1, 1, time));
        assertGradients(y, inputs, "query", "key", "value");
    }

    private void assertGradients(Node output, Map<String, Tensor> inputs, String... variable) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        graph.parameters().forEach((name, shape) -> parameters.put(name, uniform(shape.toArray())));
        Map<String, Double> errors = GradientCheck.errorsAlongDirections(graph, output, inputs, parameters,
                List.of(variable));
        assertEquals(variable.length + parameters.size(), errors.size());
        errors.forEach((name, error) -> assertTrue(error < TOLERANCE, name + ": " + error));
    }

    private Tensor uniform(int... dims) {
        return Tensor.of(random.doubles(Shape.of(dims).size()).map(u -> 2 * u - 1).toArray(), dims);
    }
}
