package io.retort.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.Program;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InBatchNegativesTest {
    private static final int DIM = 5;
    private static final double SCALE = 3;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void theLossIsItsFormula(int pairs) {
        double[] vectors = new Random(pairs).doubles(2L * pairs * DIM, -1, 1).toArray();
        InBatchNegatives objective = new InBatchNegatives(SCALE);
        Graph graph = Graph.of(ElementType.F64);
        Node loss = objective.loss(graph, graph.input("vectors", Graph.ANY, DIM));
        Map<String, Tensor> inputs = new HashMap<>(objective.inputs(pairs));
        inputs.put("vectors", Tensor.of(vectors, 2 * pairs, DIM));
        try (Program program = Engine.stock().compile(graph, Map.of(), List.of(loss.name()))) {
            Tensor value = program.run(inputs).get(loss.name());
            assertEquals(1, value.shape().size());
            assertEquals(formula(vectors, pairs), value.toDoubles()[0], 1e-6); // the targets are floats
        }
    }

    private static double formula(double[] vectors, int pairs) {
        double loss = 0;
        for (int i = 0; i < pairs; i++) {
            double sum = 0;
            for (int j = 0; j < pairs; j++) sum += Math.exp(score(vectors, i, pairs + j));
            loss -= (score(vectors, i, pairs + i) - Math.log(sum)) / pairs;
        }
        return loss;
    }

    private static double score(double[] vectors, int a, int b) {
        double dot = 0;
        for (int d = 0; d < DIM; d++) dot += vectors[a * DIM + d] * vectors[b * DIM + d];
        return SCALE * dot;
    }
}
