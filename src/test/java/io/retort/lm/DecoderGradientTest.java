package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.Engine;
import io.retort.graph.GradientCheck;
import io.retort.graph.GradientProgram;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients of decoders: SameDiff's against central differences in double, and a {@link TrainableDecoder}'s, in float and
 * in two halves, against SameDiff's of the same graphs in double.
 */
class DecoderGradientTest {
    private static final DecoderConfig LLAMA = new DecoderConfig(LlamaFamily.LLAMA, 11, 8, 2, 4, 2, 4, 12, 16, 1e-5,
            10_000, false);
    private static final DecoderConfig TIED = new DecoderConfig(LlamaFamily.LLAMA, 11, 8, 2, 2, 1, 4, 12, 16, 1e-5,
            10_000, true);
    private static final DecoderConfig GPT2 = new DecoderConfig(Gpt2Family.GPT2, 11, 8, 2, 2, 2, 4, 12, 16, 1e-5, 0,
            true);
    /** Texts of unequal length; of the second some tokens are no targets. */
    private static final List<TrainingText> TEXTS = List.of(TrainingText.of(3, 1, 4, 1, 5),
            new TrainingText(new int[]{9, 2, 6}, new boolean[]{false, false, true}));

    static Stream<DecoderConfig> configs() {
        return Stream.of(LLAMA, TIED, GPT2, PatchworkFamily.model());
    }

    static Stream<Arguments> configsOnEngines() {
        return configs().flatMap(config -> Stream.of(Engine.stock(), Engine.simd(2))
                .map(engine -> Arguments.of(config, engine)));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void gradientsOfTheLayersAreRight(DecoderConfig config) {
        Graph graph = Graph.of(ElementType.F64);
        Node hidden = new TransformerDecoder(graph, config, false).hidden();
        TrainableDecoder.TrainingRows rows = TrainableDecoder.TrainingRows.of(TEXTS, config);
        assertRight(graph, hidden, inputs(config, rows, weights(config)), weights(config),
                TransformerDecoder.EMBEDDINGS);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void gradientsOfTheHeadAreRight(DecoderConfig config) {
        Graph graph = Graph.of(ElementType.F64);
        Node logs = DecoderHead.logProbabilities(graph, config);
        Map<String, Tensor> inputs = new HashMap<>(Map.of(DecoderHead.HIDDEN,
                Tensor.of(new Random(4).doubles(3 * config.dim(), -1, 1).toArray(), 3, config.dim()),
                DecoderHead.TARGETS, Tensor.of(new double[]{7, 0, 10}, 3)));
        assertRight(graph, logs, inputs, weights(config), DecoderHead.HIDDEN);
    }

    private static void assertRight(Graph graph, Node output, Map<String, Tensor> inputs, Map<String, Tensor> weights,
            String variable) {
        Map<String, Double> errors = GradientCheck.errorsAlongDirections(graph, output, inputs, weights,
                List.of(variable));
        assertEquals(graph.parameters().size() + 1, errors.size());
        errors.forEach((name, error) -> assertTrue(error < 1e-5, name + ": " + error));
    }

    @ParameterizedTest
    @MethodSource("configsOnEngines")
    void aTrainableDecoderHasTheGradientsThatTheSameGraphsHaveInDouble(DecoderConfig config, Engine engine) {
        Map<String, Tensor> weights = weights(config);
        Map<String, double[]> expected = new LinkedHashMap<>();
        double loss = inDouble(config, weights, expected);
        try (TrainableDecoder decoder = new TrainableDecoder(config, weights, engine)) {
            assertEquals(loss, decoder.pass(TEXTS).loss(), 1e-6 * loss);
            Map<String, float[]> actual = new HashMap<>();
            for (TrainableBuffer buffer : decoder.buffers()) {
                for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                    actual.put(entry.name(),
                            buffer.layout().slice(buffer.gradients(), entry).toArray(ValueLayout.JAVA_FLOAT));
                }
            }
            assertEquals(expected.keySet(), actual.keySet());
            expected.forEach((name, wanted) -> {
                // A bias of keys moves all logits of a row alike: its gradient is zero, but for rounding.
                double largest = Math.max(1e-2, Arrays.stream(wanted).map(Math::abs).max().orElseThrow());
                float[] got = actual.get(name);
                for (int i = 0; i < wanted.length; i++) assertEquals(wanted[i], got[i], 1e-5 * largest, name);
            });
        }
    }

    /** The loss, and into {@code gradients} that of every parameter, all in double and by SameDiff's own session. */
    private static double inDouble(DecoderConfig config, Map<String, Tensor> weights, Map<String, double[]> gradients) {
        weights.forEach((name, value) -> gradients.put(name, new double[(int) value.shape().size()]));
        TrainableDecoder.TrainingRows rows = TrainableDecoder.TrainingRows.of(TEXTS, config);
        Graph layers = Graph.of(ElementType.F64);
        Node hidden = new TransformerDecoder(layers, config, false).hidden();
        Node upstream = layers.input("upstream", Graph.ANY, config.dim());
        Node product = layers.sum(layers.sum(layers.multiply(hidden, upstream), 1, false), 0, false).named("product");
        Graph head = Graph.of(ElementType.F64);
        Node mean = head.multiply(head.sum(DecoderHead.logProbabilities(head, config), 0, false),
                -1.0 / rows.targets().length).named("mean");
        Map<String, Tensor> inputs = inputs(config, rows, weights);
        try (GradientProgram first = Engine.stock().differentiate(layers, weights, product, List.of(hidden.name()),
                List.of(TransformerDecoder.EMBEDDINGS));
                GradientProgram last = Engine.stock().differentiate(head,
                        Map.of(config.head(), weights.get(config.head())), mean, List.of(),
                        List.of(DecoderHead.HIDDEN))) {
            double[] states = first.outputs(inputs).get(hidden.name()).toDoubles();
            int dim = config.dim(), n = rows.targets().length;
            double[] chosen = new double[n * dim], up = new double[states.length];
            for (int i = 0; i < n; i++) System.arraycopy(states, rows.predicting()[i] * dim, chosen, i * dim, dim);
            double[] targets = IntStream.range(0, n).mapToDouble(i -> rows.targets()[i]).toArray();
            GradientProgram.Result result = last.run(Map.of(DecoderHead.HIDDEN, Tensor.of(chosen, n, dim),
                    DecoderHead.TARGETS, Tensor.of(targets, n)));
            double[] ofHidden = result.inputGradients().get(DecoderHead.HIDDEN).toDoubles();
            for (int i = 0; i < n; i++) System.arraycopy(ofHidden, i * dim, up, rows.predicting()[i] * dim, dim);
            inputs.put("upstream", Tensor.of(up, rows.count(), dim));
            double[] ofEmbeddings = first.run(inputs).inputGradients().get(TransformerDecoder.EMBEDDINGS).toDoubles();
            add(last, gradients);
            add(first, gradients);
            for (int i = 0; i < ofEmbeddings.length; i++) {
                int at = i, row = i / dim, j = i % dim;
                gradients.get(config.family().tokens())[rows.tokens()[row] * dim + j] += ofEmbeddings[i];
                config.family().positions().ifPresent(
                        name -> gradients.get(name)[rows.positions()[row] * dim + j] += ofEmbeddings[at]);
            }
            return result.scalar("mean");
        }
    }

    private static void add(GradientProgram program, Map<String, double[]> gradients) {
        for (ParameterLayout.Entry entry : program.layout().entries()) {
            double[] from = program.layout().slice(program.gradients(), entry).toArray(ValueLayout.JAVA_DOUBLE);
            double[] to = gradients.get(entry.name());
            for (int i = 0; i < to.length; i++) to[i] += from[i];
        }
    }

    private static Map<String, Tensor> inputs(DecoderConfig config, TrainableDecoder.TrainingRows rows,
            Map<String, Tensor> weights) {
        DecoderInputs inputs = new DecoderInputs(config, rows.count(), 0);
        float[] tokens = weights.get(config.family().tokens()).toFloats();
        float[] positions = config.family().positions().map(name -> weights.get(name).toFloats()).orElse(null);
        int dim = config.dim();
        for (int row = 0; row < rows.count(); row++) {
            int position = rows.positions()[row];
            for (int j = 0; j < dim; j++) {
                float value = tokens[rows.tokens()[row] * dim + j];
                inputs.embeddings()[row * dim + j] = positions != null ? value + positions[position * dim + j] : value;
            }
            inputs.place(row, position);
            inputs.see(row, row - position, row + 1, 0);
        }
        return new HashMap<>(inputs.tensors());
    }

    private static Map<String, Tensor> weights(DecoderConfig config) {
        Random random = new Random(3);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        DecoderParameters.of(config).forEach((name, shape) -> {
            float[] values = new float[(int) shape.size()];
            boolean gain = name.matches(".*(norm|ln_.)\\.weight");
            for (int i = 0; i < values.length; i++) values[i] = (float) (random.nextGaussian() * 0.3 + (gain ? 1 : 0));
            weights.put(name, Tensor.of(values, shape.toArray()));
        });
        return weights;
    }
}
