package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StockEngineTest {
    private final Graph graph = Graph.of(ElementType.F32);
    private final Node scaled = graph.multiply(graph.input("x", Graph.ANY), graph.parameter("factor", 1))
            .named("scaled");

    @Test
    void aParameterWithoutValueIsNamed() {
        assertMessage("no value for parameter factor", Map.of());
    }

    @Test
    void aValueOfAnotherShapeIsNamedWithBothShapes() {
        assertMessage("factor is declared [1], its value is F32[2]", Map.of("factor", floats(1, 2)));
    }

    private void assertMessage(String message, Map<String, Tensor> parameters) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> compile(parameters)).getMessage());
    }

    @Test
    void aNameDeclaredTwiceIsOneParameter() {
        assertEquals(graph.parameter("factor", 1).name(), graph.parameter("factor", 1).name());
        assertEquals(1, graph.parameters().size());
        assertThrows(IllegalArgumentException.class, () -> graph.parameter("factor", 2));
    }

    @Test
    void parameterValuesAreCopied() {
        float[] factor = {3};
        try (Program program = compile(Map.of("factor", Tensor.of(factor, 1)))) {
            factor[0] = 100;
            assertEquals(6, run(program, 2));
        }
    }

    @Test
    void runsOfManyThreadsDoNotMix() {
        try (Program program = compile(Map.of("factor", floats(3)))) {
            assertTrue(IntStream.range(0, 200).parallel().allMatch(i -> run(program, i) == 3 * i));
        }
    }

    @Test
    void aClosedProgramSaysSoAndMayBeClosedAgain() {
        Program program = compile(Map.of("factor", floats(3)));
        program.close();
        program.close();
        assertThrows(IllegalStateException.class, () -> run(program, 2));
    }

    private Program compile(Map<String, Tensor> parameters) {
        return Engine.stock().compile(graph, parameters, List.of(scaled.name()));
    }

    private static float run(Program program, float x) {
        return program.run(Map.of("x", floats(x))).get("scaled").toFloats()[0];
    }

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }
}
