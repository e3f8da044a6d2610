package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.graph.GradientCheck;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of whole students, from scores back to the embeddings and to every parameter, in double. */
class ModelGradientTest {
    private static final int BATCH = 2;
    private static final int TIME = 3;
    private static final int DIM = 8;
    private final Random random = new Random(5);
    private final Graph graph = Graph.of(ElementType.F64);

    @ParameterizedTest
    @CsvSource({"POST, GELU, 1e-12, COSINE", "PRE, GELU_TANH, 1e-5, DOT"})
    void gradientsOfTheBiEncodersScoresAreRight(EncoderConfig.NormPlacement norms, EncoderConfig.Activation activation,
            double epsilon,
            Similarity similarity) {
        ModelConfig config = config(new DotScoring(), norms, activation, epsilon, similarity);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), "");
        Node pooled = PooledOutput.of(graph, config, "", encoder.hidden());
        Node scores = graph.matmulTransposed(pooled, pooled); // [batch, batch]
        Map<String, Tensor> inputs = inputs();
        inputs.put(PooledOutput.WEIGHTS, Tensor.of(new double[]{1 / 3.0, 1 / 3.0, 1 / 3.0, 0.5, 0.5, 0}, BATCH, 1,
                TIME));
        assertGradients(config, scores, inputs, "embeddings");
    }

    @ParameterizedTest
    @CsvSource({"POST, GELU, 1e-12", "PRE, GELU_TANH, 1e-5"})
    void gradientsOfThePolyEncodersScoresAreRight(EncoderConfig.NormPlacement norms,
            EncoderConfig.Activation activation, double epsilon) {
        ModelConfig config = config(new PolyScoring(4), norms, activation, epsilon, Similarity.DOT);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), "");
        Node attended = PolyScoring.attend(graph, encoder.hidden(), encoder.mask(), 4, DIM);
        Node scores = PolyScoring.score(graph, attended, graph.input("candidates", BATCH, 5, DIM));
        Map<String, Tensor> inputs = inputs();
        inputs.put("candidates", uniform(BATCH, 5, DIM));
        assertGradients(config, scores, inputs, "embeddings", "candidates");
    }

    /** The forms as students in training have them, every parameter of their own included. */
    @ParameterizedTest
    @MethodSource("forms")
    void gradientsOfEveryFormsScoresAreRight(ScoringForm form) {
        ModelConfig config = config(form, EncoderConfig.NormPlacement.POST, EncoderConfig.Activation.GELU, 1e-12,
                Similarity.DOT);
        TransformerEncoder encoder = new TransformerEncoder(graph, config.encoder(), "");
        Node hidden = encoder.hidden();
        Node contexts = form.contextVectors().map(vectors -> vectors.of(graph, hidden, encoder.mask(), DIM))
                .orElseGet(() -> PooledOutput.of(graph, config, "", hidden));
        Node scores = form.scores(graph, contexts, graph.input("replies", Graph.ANY, DIM), DIM);
        Map<String, Tensor> inputs = inputs();
        if (form.contextVectors().isEmpty()) {
            inputs.put(PooledOutput.WEIGHTS,
                    Tensor.of(new double[]{1 / 3.0, 1 / 3.0, 1 / 3.0, 0.5, 0.5, 0}, BATCH, 1, TIME));
        }
        inputs.put("replies", uniform(5, DIM));
        assertTrue(graph.parameters().keySet().containsAll(ModelParameters.ofForm(config).keySet()));
        assertGradients(config, scores, inputs, "embeddings", "replies");
    }

    /** Relative distances, rotations, windows and gates included. */
    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "distilbert", "modernbert"})
    void gradientsOfEveryFamilysEncoderAreRight(String family) throws IOException {
        EncoderConfig small = RandomModels.ofFamily(family);
        ModelConfig config = new ModelConfig(new DotScoring(), small, true, Pooling.MEAN, Similarity.DOT, 1,
                RandomModels.TEXT);
        int time = 7; // longer than ModernBERT's window
        TokenBatch batch = new TokenBatch(new int[BATCH * time], new int[]{time, time - 1}, time, new int[]{0, 1});
        TransformerEncoder encoder = new TransformerEncoder(graph, small, "");
        Node pooled = PooledOutput.of(graph, config, "", encoder.hidden());
        Map<String, Tensor> inputs = EncoderInputs.pooled(small, batch, uniform(BATCH, time, small.dim()),
                config.head().poolings());
        assertGradients(config, graph.matmulTransposed(pooled, pooled), inputs, "embeddings");
    }

    static Stream<ScoringForm> forms() {
        return Stream.of(new DotScoring(), new PolyScoring(4), new CrossingScoring(6));
    }

    private static ModelConfig config(ScoringForm form, EncoderConfig.NormPlacement norms,
            EncoderConfig.Activation activation, double epsilon,
            Similarity similarity) {
        EncoderConfig encoder = new EncoderConfig(10, DIM, 1, 2, 12, 40, 0, 1, epsilon, activation, norms);
        double scaling = similarity == Similarity.DOT && form.isDotProduct() ? 0.06 : 1;
        return new ModelConfig(form, encoder, true, Pooling.MEAN, similarity, scaling, RandomModels.TEXT);
    }

    private Map<String, Tensor> inputs() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("embeddings", uniform(BATCH, TIME, DIM));
        inputs.put("mask", Tensor.of(new double[]{0, 0, 0, 0, 0, TransformerEncoder.MASKED}, BATCH, 1, 1, TIME));
        return inputs;
    }

    private void assertGradients(ModelConfig config, Node scores, Map<String, Tensor> inputs, String... variable) {
        Map<String, Double> errors = GradientCheck.errorsAlongDirections(graph, scores, inputs,
                RandomModels.weights(config, 3), List.of(variable));
        assertEquals(graph.parameters().size() + variable.length, errors.size());
        errors.forEach((name, error) -> assertTrue(error < 1e-5, name + ": " + error));
    }

    private Tensor uniform(int... dims) {
        int size = java.util.Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        return Tensor.of(random.doubles(size, -1, 1).toArray(), dims);
    }
}
