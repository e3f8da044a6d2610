package io.retort.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Operation.Attention;
import io.retort.graph.Operation.AttentionGradient;
import io.retort.graph.Operation.Chain;
import io.retort.graph.Operation.LayerNorm;
import io.retort.graph.Operation.Product;
import io.retort.graph.Operation.ResidualNorm;
import io.retort.graph.Operation.Softmax;
import io.retort.graph.SampleGraphs.Size;
import io.retort.graph.SampleGraphs.Written;
import io.retort.simd.Activation;
import io.retort.simd.ElementChain;
import io.retort.simd.ElementOp;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fusion against the plan without any, forward and backward; and that it is there where it should be. */
class FusionTest {
    private static final Size SIZE = new Size(3, 9, 24, 3);
    private static final double TOLERANCE = 2e-5;

    static Stream<Arguments> fusionsOfSamples() {
        return Stream.of(Fusion.values())
                .flatMap(fusion -> Stream.of(SampleGraphs.values()).map(sample -> Arguments.of(fusion, sample)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("fusionsOfSamples")
    void aFusionAloneChangesNothing(Fusion fusion, SampleGraphs sample) {
        assertClose(everything(Set.of(), sample), everything(Set.of(fusion), sample));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("fusionsOfSamples")
    void theOthersDoNotNeedIt(Fusion fusion, SampleGraphs sample) {
        assertClose(everything(Set.of(), sample), everything(EnumSet.complementOf(EnumSet.of(fusion)), sample));
    }

    @Test
    void aLayerOfAnEncoderIsSixProductsAnAttentionAndTwoNorms() {
        List<Operation> steps = forward(SampleGraphs.POST_NORM_LAYER, Fusion.ALL);
        assertEquals(1, count(steps, op -> op instanceof Attention));
        assertEquals(0, count(steps, op -> op instanceof Softmax));
        assertEquals(1, count(steps, op -> op instanceof Product p && p.activation() == Activation.GELU && p.biased()));
        assertEquals(2, count(steps, op -> op instanceof Product p && p.biased() && p.added()));
        assertEquals(3, count(steps, op -> op instanceof Product p && p.biased() && !p.added()
                && p.activation() == Activation.NONE));
        assertEquals(3, count(steps, op -> op instanceof LayerNorm));
        // What is left is the loss: output times upstream, and two sums.
        assertEquals(1, count(steps, op -> op instanceof Chain), steps::toString);
        assertEquals(1 + 6 + 3 + 1 + 2, steps.size(), steps::toString);
    }

    @Test
    void attentionIsFusedInTheGradientToo() {
        List<Operation> steps = backward(SampleGraphs.POST_NORM_LAYER, Fusion.ALL);
        assertEquals(1, count(steps, op -> op instanceof Attention));
        assertEquals(1, count(steps, op -> op instanceof AttentionGradient));
        assertEquals(0, count(steps, op -> op instanceof Operation.SoftmaxGradient));
    }

    @Test
    void aBiasOfPairsGoesIntoAttentionForwardAndBackward() {
        List<Operation> steps = backward(SampleGraphs.BIASED_ATTENTION, Fusion.ALL);
        assertEquals(2, count(steps, op -> op instanceof Attention attention && attention.masked()
                && attention.biased()));
        assertEquals(2, count(steps, op -> op instanceof AttentionGradient gradient && gradient.biased()));
        assertEquals(0, count(steps, op -> op instanceof Softmax || op instanceof Operation.SoftmaxGradient));
    }

    @Test
    void attentionByRowsIsFusedForwardAndBackward() {
        List<Operation> steps = backward(SampleGraphs.DECODER_LAYER, Fusion.ALL);
        assertEquals(1, count(steps, op -> op instanceof Operation.MaskScan));
        assertEquals(1, count(steps, op -> op instanceof Operation.RowAttention));
        assertEquals(1, count(steps, op -> op instanceof Operation.RowAttentionGradient));
        assertEquals(0, count(steps, op -> op instanceof Softmax || op instanceof Operation.SoftmaxGradient));
    }

    @Test
    void theGradientOfGeluIsOneOperation() {
        List<ElementOp> ops = backward(SampleGraphs.GELU, Fusion.ALL).stream()
                .flatMap(op -> op instanceof Chain chain ? chain.chain().instructions().stream() : Stream.of())
                .map(ElementChain.Instruction::op).toList();
        assertTrue(ops.contains(ElementOp.GELU_GRADIENT), ops::toString);
        assertFalse(ops.contains(ElementOp.ERF) || ops.contains(ElementOp.EXP), ops::toString);
    }

    @Test
    void layerNormWrittenOutIsLayerNorm() {
        List<Operation> steps = forward(SampleGraphs.LAYER_NORM_WITH_EPSILON, Fusion.ALL);
        assertEquals(List.of(new LayerNorm(1e-5f)), steps.stream().filter(LayerNorm.class::isInstance).toList());
    }

    @Test
    void aSumThatNoProductTakesInGoesIntoTheNormThatFollows() {
        Graph graph = Graph.of(ElementType.F32);
        Node x = graph.input("x", Graph.ANY, 8);
        Node y = Layers.layerNorm(graph, "norm", graph.add(graph.tanh(x), x), 8, 1e-5);
        Recording recording = Recording.of(graph.sameDiff(), graph.parameters().keySet(), Set.of());
        List<Operation> steps = steps(Fusion.fuse(Translation.translate(recording, Map.of("x", Shape.of(4, 8)),
                graph.parameters(), List.of(y.name())), Fusion.ALL), Map.of());
        assertEquals(1, count(steps, op -> op instanceof ResidualNorm), steps::toString);
    }

    @Test
    void scaleAndMaskGoIntoSoftmaxWhereAttentionIsNotFused() {
        Set<Fusion> fusions = EnumSet.complementOf(EnumSet.of(Fusion.ATTENTION));
        List<Operation> steps = forward(SampleGraphs.ATTENTION, fusions);
        float scale = (float) (1 / Math.sqrt(SIZE.dim() / SIZE.heads()));
        assertEquals(1, count(steps, op -> op.equals(new Softmax(scale))), steps::toString);
    }

    @Test
    void aChainOfManyOperationsIsOneStep() {
        long with = count(forward(SampleGraphs.ELEMENTS, Fusion.ALL), op -> op instanceof Chain);
        long without = count(forward(SampleGraphs.ELEMENTS, Set.of()), op -> op instanceof Chain);
        assertTrue(with <= without / 2, with + " of " + without);
    }

    @Test
    void whatAGradientCanMakeAgainIsNotKeptForIt() {
        List<ElementChain> chains = backward(SampleGraphs.DECODER_LAYER, Fusion.ALL).stream()
                .flatMap(op -> op instanceof Chain chain ? Stream.of(chain.chain()) : Stream.of())
                .filter(chain -> chain.instructions().stream().anyMatch(each -> each.op() == ElementOp.SIGMOID))
                .toList();
        assertTrue(chains.size() > 1, "once forward, and again in the gradient");
        chains.forEach(chain -> assertTrue(chain.instructions().size() > 1, chain::toString));
    }

    private static long count(List<Operation> steps, Predicate<Operation> which) {
        return steps.stream().filter(which).count();
    }

    private static List<Operation> forward(SampleGraphs sample, Set<Fusion> fusions) {
        Graph graph = sample.written(ElementType.F32, SIZE).graph();
        Recording recording = Recording.of(graph.sameDiff(), graph.parameters().keySet(), Set.of());
        return steps(Fusion.fuse(Translation.translate(recording, shapes(sample), graph.parameters(),
                List.of("loss")), fusions), Map.of());
    }

    private static List<Operation> backward(SampleGraphs sample, Set<Fusion> fusions) {
        Written written = sample.written(ElementType.F32, SIZE);
        Graph graph = written.graph();
        graph.bind(written.parameters());
        graph.sameDiff().setLossVariables("loss");
        graph.sameDiff().createGradFunction();
        Recording recording = Recording.of(graph.sameDiff().getFunction("grad"), graph.parameters().keySet(), Set.of());
        List<String> names = new ArrayList<>(List.of("loss"));
        graph.parameters().keySet().forEach(name -> names.add(graph.sameDiff().getGradForVariable(name).name()));
        return steps(Fusion.fuse(Translation.translate(recording, shapes(sample), graph.parameters(), names), fusions),
                Map.of());
    }

    private static Map<String, Shape> shapes(SampleGraphs sample) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        sample.inputs(ElementType.F32, SIZE).forEach((name, value) -> shapes.put(name, value.shape()));
        return shapes;
    }

    private static List<Operation> steps(List<Value> outputs, Map<Storage, Value> targets) {
        return Lowering.lower(outputs, targets).steps().stream().map(Step::operation).toList();
    }

    private static Map<String, double[]> everything(Set<Fusion> fusions, SampleGraphs sample) {
        Written written = sample.written(ElementType.F32, SIZE);
        try (GradientProgram program = new SimdEngine(1, fusions).differentiate(written.graph(), written.parameters(),
                written.loss(), List.of(SampleGraphs.OUTPUT), List.of(SampleGraphs.EMBEDDINGS))) {
            GradientProgram.Result result = program.run(sample.inputs(ElementType.F32, SIZE));
            Map<String, double[]> all = new LinkedHashMap<>();
            result.outputs().forEach((name, tensor) -> all.put(name, tensor.toDoubles()));
            result.inputGradients().forEach((name, tensor) -> all.put("gradient of " + name, tensor.toDoubles()));
            float[] gradients = program.gradients().toArray(ValueLayout.JAVA_FLOAT);
            all.put("gradients", Tensor.of(gradients, gradients.length).toDoubles());
            return all;
        }
    }

    private static void assertClose(Map<String, double[]> expected, Map<String, double[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, wanted) -> {
            double[] got = actual.get(name);
            double largest = 0;
            for (double value : wanted) largest = Math.max(largest, Math.abs(value));
            for (int i = 0; i < wanted.length; i++) assertEquals(wanted[i], got[i], TOLERANCE * largest, name);
        });
    }
}
