package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses and gradients against PyTorch's (bench/peers/losses_golden.py), in double. */
class LossGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/learn/losses.golden.safetensors");

    @ParameterizedTest
    @ValueSource(strings = {"sampled", "in_batch", "multi_positive", "distillation", "mix"})
    void lossAndGradientArePyTorchs(String name) throws IOException {
        try (TensorFile file = TensorFile.open(GOLDEN)) {
            Tensor scores = file.read("scores");
            Distillation distillation = new Distillation(2);
            Loss loss = switch (name) {
                case "multi_positive" -> new MultiPositiveCrossEntropy();
                case "distillation" -> distillation;
                case "mix" -> new DistillationMix(0.1, distillation);
                default -> new SampledCrossEntropy();
            };
            BatchReplies batch = batch(file, name.equals("in_batch"));
            Graph graph = Graph.of(ElementType.F64);
            Node total = loss.losses(graph, graph.input("scores", Graph.ANY, Graph.ANY)).get(Loss.TOTAL);
            Map<String, Tensor> inputs = new HashMap<>(loss.inputs(batch));
            inputs.put("scores", scores);
            try (GradientProgram program = Engine.stock().differentiate(graph, Map.of(), total, List.of(),
                    List.of("scores"))) {
                GradientProgram.Result result = program.run(inputs);
                double expected = file.read(name).toDoubles()[0];
                assertEquals(expected, result.scalar(total.name()), 1e-6 * expected); // targets are floats
                assertArrayEquals(file.read(name + "_gradient").toDoubles(),
                        result.inputGradients().get("scores").toDoubles(), 1e-7);
            }
        }
    }

    private static BatchReplies batch(TensorFile file, boolean inBatch) {
        Tensor scores = file.read("scores");
        int[] own = ints(file, "candidates");
        double[] teacher = file.read("teacher").toDoubles();
        int contexts = scores.shape().dim(0), each = own.length / contexts;
        List<int[]> candidates = new ArrayList<>();
        List<double[]> opinions = new ArrayList<>();
        for (int i = 0; i < contexts; i++) {
            candidates.add(Arrays.copyOfRange(own, i * each, (i + 1) * each));
            opinions.add(Arrays.copyOfRange(teacher, i * each, (i + 1) * each));
        }
        BitSet shared = new BitSet();
        if (!inBatch) for (int column : ints(file, "shared")) shared.set(column);
        return new BatchReplies(scores.shape().dim(1), candidates, opinions, shared, inBatch);
    }

    private static int[] ints(TensorFile file, String name) {
        return file.read(name).data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }
}
