package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.SampleGraphs.Size;
import io.retort.graph.SampleGraphs.Written;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every engine must do, in F32: compute what another engine computes, up to rounding, and mind its buffers. */
abstract class EngineContractTest {
    /** Of a tensor's largest element. */
    private static final double TOLERANCE = 1e-4;
    /** A gradient that is nothing but cancellation (keys' biases in attention) is compared at this share of the rest. */
    private static final double NEGLIGIBLE = 1e-2;
    private static final Size SIZE = new Size(2, 5, 12, 3);

    /** The engine under test. */
    abstract Engine engine();

    /** An engine that shares no code with it below the graph; it says what is right. */
    abstract Engine oracle();

    static Stream<Arguments> samples() {
        return Stream.of(SampleGraphs.values())
                .flatMap(sample -> SampleGraphs.SIZES.stream().map(size -> Arguments.of(sample, size)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("samples")
    void outputsEqualTheOracles(SampleGraphs sample, Size size) {
        Map<String, Tensor> inputs = sample.inputs(ElementType.F32, size);
        assertClose(forward(oracle(), sample, size, inputs), forward(engine(), sample, size, inputs));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("samples")
    void gradientsEqualTheOracles(SampleGraphs sample, Size size) {
        Map<String, Tensor> inputs = sample.inputs(ElementType.F32, size);
        assertClose(backward(oracle(), sample, size, inputs), backward(engine(), sample, size, inputs));
    }

    @ParameterizedTest
    @EnumSource
    void oneProgramRunsBatchesOfAnySize(SampleGraphs sample) {
        try (Program program = compile(engine(), sample, SIZE);
                GradientProgram gradients = differentiate(engine(), sample, SIZE)) {
            for (Size size : List.of(SIZE, SIZE.with(1, 3), SIZE.with(4, 9), SIZE.with(3, 1), SIZE)) {
                Map<String, Tensor> inputs = sample.inputs(ElementType.F32, size);
                assertClose(forward(oracle(), sample, size, inputs), program.run(inputs));
                assertClose(backward(oracle(), sample, size, inputs), named(gradients, gradients.run(inputs)));
            }
        }
    }

    /** The sample's upstream gradient comes late, after another pass was begun and before that one is finished. */
    @ParameterizedTest
    @EnumSource
    void aPassInTwoHalvesGivesWhatOnePassGives(SampleGraphs sample) {
        Map<String, Tensor> early = new LinkedHashMap<>(sample.inputs(ElementType.F32, SIZE));
        Map<String, Tensor> late = Map.of("upstream", early.remove("upstream"));
        Map<String, Tensor> other = new LinkedHashMap<>(sample.inputs(ElementType.F32, SIZE.with(4, 9)));
        Map<String, Tensor> otherLate = Map.of("upstream", other.remove("upstream"));
        try (GradientProgram program = differentiate(engine(), sample, SIZE)) {
            Map<String, Tensor> whole = named(program, program.run(sample.inputs(ElementType.F32, SIZE)));
            GradientProgram.Waiting first = program.begin(early, Map.of("upstream", late.get("upstream").shape()));
            GradientProgram.Waiting second = program.begin(other,
                    Map.of("upstream", otherLate.get("upstream").shape()));
            Map<String, Tensor> forward = Map.of(SampleGraphs.OUTPUT, whole.get(SampleGraphs.OUTPUT));
            assertClose(forward, first.outputs());
            assertClose(forward, program.outputs(early));
            second.finish(otherLate);
            assertClose(whole, named(program, first.finish(late)));
        }
    }

    @Test
    void theNextRunUsesTheParametersThatTheCallerWrote() {
        Map<String, Tensor> inputs = SampleGraphs.LINEAR.inputs(ElementType.F32, SIZE);
        try (GradientProgram program = differentiate(engine(), SampleGraphs.LINEAR, SIZE)) {
            double before = program.run(inputs).scalar("loss");
            MemorySegment parameters = program.parameters();
            for (long i = 0; i < program.layout().size(); i++) {
                parameters.setAtIndex(ValueLayout.JAVA_FLOAT, i, 2 * parameters.getAtIndex(ValueLayout.JAVA_FLOAT, i));
            }
            // The output is linear in weight and bias together.
            assertEquals(2 * before, program.run(inputs).scalar("loss"), 1e-4 * Math.abs(before));
        }
    }

    @Test
    void buffersStartWithTheParametersAndAreAligned() {
        Written written = SampleGraphs.POST_NORM_LAYER.written(ElementType.F32, SIZE);
        try (GradientProgram program = differentiate(engine(), SampleGraphs.POST_NORM_LAYER, SIZE)) {
            assertEquals(0, program.parameters().address() % 64);
            assertEquals(0, program.gradients().address() % 64);
            assertEquals(program.layout().bytes(), program.parameters().byteSize());
            assertEquals(program.layout().bytes(), program.gradients().byteSize());
            written.parameters().forEach((name, value) -> assertArrayEquals(value.toFloats(),
                    tensor(program.layout(), program.parameters(), name).toFloats(), name));
        }
    }

    @Test
    void aParameterThatTheLossDoesNotDependOnHasZeros() {
        Graph graph = Graph.of(ElementType.F32);
        Node used = graph.multiply(graph.input("x", Graph.ANY), graph.parameter("used", 1));
        Node aside = graph.multiply(graph.input("x2", Graph.ANY), graph.parameter("unused", 3));
        Node loss = graph.sum(used, 0, false).named("loss");
        Map<String, Tensor> parameters = Map.of("used", floats(3), "unused", floats(1, 2, 3));
        Map<String, Tensor> inputs = Map.of("x", floats(5, 7), "x2", floats(1, 1, 1));
        try (GradientProgram program = engine().differentiate(graph, parameters, loss, List.of(aside.name()),
                List.of("x", "x2"))) {
            program.gradients().fill((byte) 1);
            GradientProgram.Result result = program.run(inputs);
            assertEquals(36, result.scalar("loss"));
            assertArrayEquals(new float[]{12}, tensor(program.layout(), program.gradients(), "used").toFloats());
            assertArrayEquals(new float[3], tensor(program.layout(), program.gradients(), "unused").toFloats());
            assertArrayEquals(new float[]{3, 3}, result.inputGradients().get("x").toFloats());
            assertArrayEquals(new float[3], result.inputGradients().get("x2").toFloats());
            assertArrayEquals(new float[]{1, 2, 3}, result.outputs().get(aside.name()).toFloats());
        }
    }

    @Test
    void aClosedGradientProgramSaysSoAndMayBeClosedAgain() {
        GradientProgram program = differentiate(engine(), SampleGraphs.LINEAR, SIZE);
        program.close();
        program.close();
        assertFalse(program.parameters().scope().isAlive());
        Map<String, Tensor> inputs = SampleGraphs.LINEAR.inputs(ElementType.F32, SIZE);
        assertThrows(IllegalStateException.class, () -> program.run(inputs));
    }

    private static Program compile(Engine engine, SampleGraphs sample, Size size) {
        Written written = sample.written(ElementType.F32, size);
        return engine.compile(written.graph(), written.parameters(),
                List.of(SampleGraphs.OUTPUT, written.loss().name()));
    }

    private static GradientProgram differentiate(Engine engine, SampleGraphs sample, Size size) {
        Written written = sample.written(ElementType.F32, size);
        return engine.differentiate(written.graph(), written.parameters(), written.loss(),
                List.of(SampleGraphs.OUTPUT), List.of(SampleGraphs.EMBEDDINGS));
    }

    private static Map<String, Tensor> forward(Engine engine, SampleGraphs sample, Size size,
            Map<String, Tensor> inputs) {
        try (Program program = compile(engine, sample, size)) {
            return program.run(inputs);
        }
    }

    private static Map<String, Tensor> backward(Engine engine, SampleGraphs sample, Size size,
            Map<String, Tensor> inputs) {
        try (GradientProgram program = differentiate(engine, sample, size)) {
            return named(program, program.run(inputs));
        }
    }

    /** Everything a run gave, parameters' gradients copied. */
    private static Map<String, Tensor> named(GradientProgram program, GradientProgram.Result result) {
        Map<String, Tensor> all = new LinkedHashMap<>(result.inputGradients());
        program.layout().entries()
                .forEach(entry -> all.put(entry.name(), tensor(program.layout(), program.gradients(), entry.name())));
        all.putAll(result.outputs());
        return all;
    }

    static Tensor tensor(ParameterLayout layout, MemorySegment buffer, String name) {
        ParameterLayout.Entry entry = layout.entries().stream().filter(e -> e.name().equals(name)).findFirst()
                .orElseThrow();
        byte[] elements = layout.slice(buffer, entry).toArray(ValueLayout.JAVA_BYTE);
        return new Tensor(layout.precision(), entry.shape(), MemorySegment.ofArray(elements));
    }

    private static void assertClose(Map<String, Tensor> expected, Map<String, Tensor> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        double largest = expected.values().stream().mapToDouble(EngineContractTest::largest).max().orElseThrow();
        expected.forEach((name, tensor) -> {
            assertEquals(tensor.shape(), actual.get(name).shape(), name);
            double allowed = TOLERANCE * Math.max(largest(tensor), NEGLIGIBLE * largest);
            double[] wanted = tensor.toDoubles();
            double[] got = actual.get(name).toDoubles();
            for (int i = 0; i < wanted.length; i++) {
                int at = i;
                assertTrue(Math.abs(wanted[i] - got[i]) <= allowed,
                        () -> name + "[" + at + "] is " + got[at] + ", not " + wanted[at]);
            }
        });
    }

    private static double largest(Tensor tensor) {
        double largest = 0;
        for (double value : tensor.toDoubles()) largest = Math.max(largest, Math.abs(value));
        return largest;
    }

    @Test
    void outputsAreRunApartFromInputsThatTheyDoNotNeed() {
        Graph graph = Graph.of(ElementType.F32);
        Node product = graph.matmulTransposed(graph.input("x", Graph.ANY, 2), graph.parameter("w", 2, 2))
                .named("product");
        Node sum = graph.add(product, graph.input("y", Graph.ANY, 2)).named("sum");
        Map<String, Tensor> weights = Map.of("w", Tensor.of(new float[]{1, 2, 3, 4}, 2, 2));
        Map<String, Tensor> x = Map.of("x", Tensor.of(new float[]{1, 1}, 1, 2));
        Map<String, Tensor> both = Map.of("x", x.get("x"), "y", Tensor.of(new float[]{10, 20}, 1, 2));
        try (Program program = engine().compile(graph, weights, List.of(product.name(), sum.name()))) {
            for (int round = 0; round < 2; round++) {
                Map<String, Tensor> one = program.run(x, List.of("product"));
                assertEquals(Set.of("product"), one.keySet());
                assertArrayEquals(new float[]{3, 7}, one.get("product").toFloats());
                assertArrayEquals(new float[]{13, 27}, program.run(both, List.of("sum")).get("sum").toFloats());
                assertEquals(Set.of("product", "sum"), program.run(both).keySet());
            }
            assertThrows(IllegalArgumentException.class, () -> program.run(both, List.of("x")));
        }
    }

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }
}
