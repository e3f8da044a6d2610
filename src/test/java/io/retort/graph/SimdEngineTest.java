package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.SampleGraphs.Size;
import io.retort.graph.SampleGraphs.Written;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimdEngineTest extends EngineContractTest {
    private static final Engine ENGINE = Engine.simd(2);
    private static final Size SIZE = new Size(3, 11, 24, 3);

    @Override
    Engine engine() {
        return ENGINE;
    }

    @Override
    Engine oracle() {
        return Engine.stock();
    }

    @ParameterizedTest
    @EnumSource
    void theNumberOfThreadsDoesNotChangeABit(SampleGraphs sample) {
        Size size = new Size(9, 40, 24, 3); // 360 rows: several ranges
        float[] one = everything(Engine.simd(1), sample, size);
        assertArrayEquals(one, everything(Engine.simd(2), sample, size));
        assertArrayEquals(one, everything(Engine.simd(3), sample, size));
    }

    /** Output, loss and gradients of embeddings and parameters, one after the other. */
    private static float[] everything(Engine engine, SampleGraphs sample, Size size) {
        Written written = sample.written(ElementType.F32, size);
        try (GradientProgram program = engine.differentiate(written.graph(), written.parameters(), written.loss(),
                List.of(SampleGraphs.OUTPUT), List.of(SampleGraphs.EMBEDDINGS))) {
            GradientProgram.Result result = program.run(sample.inputs(ElementType.F32, size));
            List<float[]> parts = new ArrayList<>();
            result.outputs().values().forEach(tensor -> parts.add(tensor.toFloats()));
            result.inputGradients().values().forEach(tensor -> parts.add(tensor.toFloats()));
            parts.add(program.gradients().toArray(ValueLayout.JAVA_FLOAT));
            float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
            int at = 0;
            for (float[] part : parts) {
                System.arraycopy(part, 0, all, at, part.length);
                at += part.length;
            }
            return all;
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnsweringEngineComputesTheSameBeforeAndAfterItsRehearsal(SampleGraphs sample) {
        Written written = sample.written(ElementType.F32, SIZE);
        Map<String, Tensor> inputs = sample.inputs(ElementType.F32, SIZE);
        List<String> outputs = List.of(SampleGraphs.OUTPUT);
        try (Program usual = ENGINE.compile(written.graph(), written.parameters(), outputs);
                Program answering = ENGINE.answering().compile(written.graph(), written.parameters(), outputs)) {
            float[] expected = usual.run(inputs).get(SampleGraphs.OUTPUT).toFloats();
            assertArrayEquals(expected, answering.run(inputs).get(SampleGraphs.OUTPUT).toFloats(), 1e-4f, "before");
            answering.rehearse(inputs);
            assertArrayEquals(expected, answering.run(inputs).get(SampleGraphs.OUTPUT).toFloats(), 1e-4f, "meanwhile");
            answering.rehearsed();
            assertArrayEquals(expected, answering.run(inputs).get(SampleGraphs.OUTPUT).toFloats(), "after");
        }
    }

    @Test
    void runsOfOneProgramMayOverlap() throws Exception {
        SampleGraphs sample = SampleGraphs.POST_NORM_LAYER;
        List<Size> sizes = List.of(SIZE, SIZE.with(1, 4), SIZE.with(5, 7), SIZE.with(2, 19));
        try (Program program = program(sample); ExecutorService threads = Executors.newFixedThreadPool(sizes.size())) {
            List<float[]> alone = sizes.stream().map(size -> output(program, sample, size)).toList();
            List<Callable<float[]>> runs = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Size size = sizes.get(i % sizes.size());
                runs.add(() -> output(program, sample, size));
            }
            List<Future<float[]>> results = threads.invokeAll(runs);
            for (int i = 0; i < results.size(); i++) {
                assertArrayEquals(alone.get(i % sizes.size()), results.get(i).get());
            }
        }
    }

    @Test
    void moreShapesThanAreKeptGiveTheSameResultsWhenTheyComeAgain() {
        try (Program program = program(SampleGraphs.LINEAR)) {
            List<float[]> first = new ArrayList<>();
            for (int time = 1; time <= PlanCache.PLANS + 6; time++) {
                first.add(output(program, SampleGraphs.LINEAR, SIZE.with(1, time)));
            }
            for (int time = 1; time <= first.size(); time++) {
                assertArrayEquals(first.get(time - 1), output(program, SampleGraphs.LINEAR, SIZE.with(1, time)));
            }
        }
    }

    @Test
    @SuppressWarnings("try") // Closing by hand is what is tested.
    void idleWorkspacesAreBoundedInNumber() throws Exception {
        SampleGraphs sample = SampleGraphs.POST_NORM_LAYER;
        int many = 2 * SimdProgram.MOST_IDLE;
        try (SimdProgram program = (SimdProgram) program(sample);
                ExecutorService threads = Executors.newFixedThreadPool(many)) {
            List<Callable<float[]>> runs = new ArrayList<>();
            for (int i = 0; i < 10 * many; i++) runs.add(() -> output(program, sample, SIZE));
            float[] alone = output(program, sample, SIZE);
            for (Future<float[]> result : threads.invokeAll(runs)) assertArrayEquals(alone, result.get());
            assertTrue(program.idle() >= 1 && program.idle() <= SimdProgram.MOST_IDLE, program.idle() + " are idle");
            program.close();
            assertEquals(0, program.idle());
        }
    }

    @Test
    void pastsThatTakeTurnsAreEachBoundOnce() {
        Graph graph = Graph.of(ElementType.F32);
        Node query = graph.input("query", Graph.ANY, 8);
        Node keys = graph.concatenate(graph.state("past.key", Graph.ANY, 8), graph.input("key", Graph.ANY, 8));
        Node values = graph.concatenate(graph.state("past.value", Graph.ANY, 8), graph.input("value", Graph.ANY, 8));
        Node mask = graph.input("mask", 1, 1, Graph.ANY, Graph.ANY);
        String out = Layers.rowAttention(graph, query, keys, values, mask, 2, 2, 4).named("out").name();
        try (Arena arena = Arena.ofShared();
                SimdProgram program = (SimdProgram) ENGINE.compile(graph, Map.of(), List.of(out))) {
            Map<String, Tensor> one = pasts(arena, 1), two = pasts(arena, 2);
            float[] ofOne = program.run(one).get(out).toFloats(), ofTwo = program.run(two).get(out).toFloats();
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(ofOne, program.run(one).get(out).toFloats());
                assertArrayEquals(ofTwo, program.run(two).get(out).toFloats());
            }
            assertEquals(2, program.bindings());
            // What lies elsewhere under the same names is bound anew.
            assertArrayEquals(ofOne, program.run(pasts(arena, 1)).get(out).toFloats());
            assertEquals(3, program.bindings());
        }
    }

    /** Inputs for a row that sees eight rows of a past, and itself. */
    private static Map<String, Tensor> pasts(Arena arena, int seed) {
        Map<String, Tensor> inputs = new HashMap<>();
        for (String name : List.of("past.key", "past.value")) {
            MemorySegment rows = arena.allocate(4 * 8 * 8, 64);
            for (int i = 0; i < 64; i++) rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(seed * i));
            inputs.put(name, new Tensor(ElementType.F32, Shape.of(8, 8), rows));
        }
        for (String name : List.of("query", "key", "value")) {
            inputs.put(name, Tensor.of(new float[]{1, 2, 3, 4, 5, 6, 7, 8}, 1, 8));
        }
        inputs.put("mask", Tensor.of(new float[9], 1, 1, 1, 9));
        return inputs;
    }

    @Test
    void anEngineLeavesThePoolThatItWasGivenAndClosesItsOwn() {
        Graph graph = Graph.of(ElementType.F32);
        Node y = graph.add(graph.input("x", Graph.ANY), 1);
        Map<String, Tensor> x = Map.of("x", Tensor.of(new float[]{1}, 1));
        try (WorkerPool pool = new WorkerPool(2)) {
            Engine given = Engine.simd(pool);
            given.close();
            try (Program program = given.compile(graph, Map.of(), List.of(y.name()))) {
                assertEquals(2, program.run(x).get(y.name()).toFloats()[0]);
            }
        }
        Engine own = Engine.simd(2);
        try (Program program = own.compile(graph, Map.of(), List.of(y.name()))) {
            own.close();
            own.close();
            assertThrows(IllegalStateException.class, () -> program.run(x));
        }
    }

    @Test
    void aGraphThatCannotBeCompiledLeavesNothingBehind() {
        Graph graph = Graph.of(ElementType.F32);
        Node x = graph.input("x", Graph.ANY, 2);
        Node y = graph.matmul(x, graph.parameter("w", 2, 2)).named("y");
        Tensor heap = Tensor.of(new float[4], 2, 2);
        Arena gone = Arena.ofShared();
        Tensor closed = new Tensor(ElementType.F32, heap.shape(), gone.allocate(16));
        gone.close();
        assertThrows(IllegalStateException.class, () -> ENGINE.compile(graph, Map.of("w", closed), List.of("y")));
        try (Program program = ENGINE.compile(graph, Map.of("w", heap), List.of("y"))) {
            assertArrayEquals(new float[2], program.run(Map.of("x", Tensor.of(new float[]{1, 2}, 1, 2))).get("y")
                    .toFloats());
        }
    }

    @Test
    void aClosedProgramSaysSoAndMayBeClosedAgain() {
        Program program = program(SampleGraphs.LINEAR);
        program.close();
        program.close();
        assertThrows(IllegalStateException.class, () -> output(program, SampleGraphs.LINEAR, SIZE));
    }

    @Test
    void anOperationThatCannotBeCompiledIsNamed() {
        Graph graph = Graph.of(ElementType.F32);
        Node x = graph.input("x", Graph.ANY);
        Node y = new Node(graph.sameDiff().math.cos(x.variable())).named("y");
        try (Program program = ENGINE.compile(graph, Map.of(), List.of(y.name()))) {
            String message = assertThrows(UnsupportedOperationException.class,
                    () -> program.run(Map.of("x", Tensor.of(new float[]{1, 2}, 2)))).getMessage();
            assertTrue(message.contains("cos"), message);
            assertTrue(message.contains("stock"), message);
        }
    }

    @Test
    void anOperationThatNoOutputNeedsMayBeAnything() {
        Graph graph = Graph.of(ElementType.F32);
        Node x = graph.input("x", Graph.ANY);
        graph.sameDiff().math.cos(x.variable());
        Node y = graph.add(x, 1);
        try (Program program = ENGINE.compile(graph, Map.of(), List.of(y.name()))) {
            Tensor two = program.run(Map.of("x", Tensor.of(new float[]{1}, 1))).get(y.name());
            assertEquals(2, two.toFloats()[0]);
        }
    }

    @Test
    void doublePrecisionIsLeftToTheStockEngine() {
        Written written = SampleGraphs.LINEAR.written(ElementType.F64, SIZE);
        assertThrows(UnsupportedOperationException.class, () -> ENGINE.compile(written.graph(), written.parameters(),
                List.of(SampleGraphs.OUTPUT)));
    }

    private static Program program(SampleGraphs sample) {
        Written written = sample.written(ElementType.F32, SIZE);
        return ENGINE.compile(written.graph(), written.parameters(), List.of(SampleGraphs.OUTPUT));
    }

    private static float[] output(Program program, SampleGraphs sample, Size size) {
        return program.run(sample.inputs(ElementType.F32, size)).get(SampleGraphs.OUTPUT).toFloats();
    }
}
