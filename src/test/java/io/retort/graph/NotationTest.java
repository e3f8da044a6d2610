package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a graph says of itself is, call by call, what SameDiff says of it. */
class NotationTest {
    /** A graph with every operation that graphs have. */
    private static Graph everything() {
        Graph g = Graph.of(ElementType.F32);
        Node x = g.input("x", Graph.ANY, 4), q = g.input("q", Graph.ANY, Graph.ANY, 4), s = g.state("s", Graph.ANY, 4);
        Node w = g.parameter("w", 4, 4), b = g.parameter("b", 4);
        g.add(x, b);
        g.subtract(x, s);
        g.multiply(x, b).named("scaled");
        g.divide(x, b);
        g.add(x, 0.1);
        g.multiply(x, 1 / 3.0);
        g.add(x, g.constant(Tensor.of(new float[]{1, 2, 3, 4}, 4)));
        g.matmul(x, w);
        g.matmulTransposed(x, w);
        g.softmax(x);
        g.logSoftmax(x);
        g.logSumExp(x);
        g.exp(x);
        g.log(x);
        g.erf(x);
        g.tanh(x);
        g.sigmoid(x);
        g.squareRoot(x);
        g.sum(x, 1, true);
        g.sum(x, 0, false);
        g.mean(x, 1, true);
        g.mean(x, 0, false);
        g.permute(q, 1, 0, 2);
        g.concatenate(x, s);
        g.oneHot(g.input("i", Graph.ANY), 7);
        g.reshape(x, 2, Graph.ANY);
        g.flatten(q, 4);
        g.reshapeLike(x, q, 2, 4);
        g.reshapeToTrailing(x, new int[]{2, 3}, q, 1, 3);
        g.reshapeToTrailing(x, new int[]{}, q, 1, 3);
        Layers.layerNorm(g, "norm", x, 4, 1e-12);
        Layers.layerNorm(g, "other", x, 4, 1e-5);
        return g;
    }

    @Test
    void whatIsNotedIsWhatSameDiffSays() {
        Graph graph = everything();
        Recording noted = graph.recording();
        Recording said = graph.recordingOf(graph.sameDiff());
        assertEquals(said.calls().toString(), noted.calls().toString());
        for (int i = 0; i < said.calls().size(); i++) {
            Recording.Call a = said.calls().get(i), b = noted.calls().get(i);
            assertArrayEquals(a.integers(), b.integers(), a::toString);
            assertArrayEquals(a.reals(), b.reals(), a::toString);
            assertEquals(a.keep(), b.keep(), a::toString);
        }
        assertEquals(said.leaves(), noted.leaves());
        assertEquals(said.integers().keySet(), noted.integers().keySet());
        said.integers().forEach((name, value) -> assertArrayEquals(value, noted.integers().get(name)));
        assertEquals(said.constants().keySet(), noted.constants().keySet());
        said.constants().forEach((name, value) -> {
            assertEquals(value.shape(), noted.constants().get(name).shape());
            assertArrayEquals(value.toFloats(), noted.constants().get(name).toFloats());
        });
    }

    @Test
    void whatIsWrittenAfterSameDiffWasAskedIsThereToo() {
        Graph graph = everything();
        graph.sameDiff();
        Node x = graph.input("late", 2);
        Node y = graph.add(x, x).named("y");
        assertEquals("y", y.variable().name());
        assertEquals(List.of("late", "late"), graph.recording().calls().getLast().inputs());
    }

    @Test
    void anEngineThatNeedsNoSameDiffDoesNotMakeOne() {
        Graph graph = Graph.of(ElementType.F32);
        Node y = graph.add(graph.input("x", Graph.ANY), 1).named("y");
        try (WorkerPool pool = new WorkerPool(1);
                Program program = Engine.simd(pool)
                        .compile(graph, Map.of(), List.of(y.name()))) {
            assertArrayEquals(new float[]{3},
                    program.run(Map.of("x", Tensor.of(new float[]{2}, 1))).get("y").toFloats());
        }
        assertFalse(graph.isInSameDiff());
    }
}
