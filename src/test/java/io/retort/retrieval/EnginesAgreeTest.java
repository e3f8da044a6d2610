package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.fetch.DefaultModel;
import io.retort.fetch.ModelCatalog;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.store.WeightImport;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The models of this project on the SIMD engine, against the stock engine and against ONNX Runtime. */
class EnginesAgreeTest {
    private static final Engine SIMD = Engine.simd(2);
    private static final double TOLERANCE = 1e-4;

    @Test
    void miniLmOnRealTextEqualsOnnxRuntime() throws IOException {
        ModelFolder folder = DefaultModel.folder();
        GoldenFile golden = GoldenFile.of(ModelCatalog.DEFAULT);
        try (TensorFile file = TensorFile.open(folder.path().resolve(ModelFolder.WEIGHTS))) {
            Map<String, Tensor> weights = WeightImport.of(folder.config(), file).weights();
            golden.assertHiddenAndPooled(golden.hiddenStates(folder.config(), weights, SIMD),
                    folder.config().encoder().dim());
        }
    }

    @Test
    void everyGradientOfMiniLmOnRealTextIsTheStockEngines() throws IOException {
        ModelFolder folder = DefaultModel.folder();
        List<int[]> texts = GoldenFile.of(ModelCatalog.DEFAULT).texts().stream().filter(ids -> ids.length <= 40)
                .limit(8).toList();
        try (TensorFile file = TensorFile.open(folder.path().resolve(ModelFolder.WEIGHTS))) {
            assertGradientsAgree(folder.config(), WeightImport.of(folder.config(), file).weights(), texts);
        }
    }

    @ParameterizedTest
    @CsvSource({"POST, GELU, 1e-12", "POST, GELU, 1e-5", "PRE, GELU, 1e-5", "PRE, GELU_TANH, 1e-12"})
    void everyGradientOfARandomEncoderIsTheStockEngines(EncoderConfig.NormPlacement norms,
            EncoderConfig.Activation activation, double epsilon) {
        EncoderConfig encoder = RandomModels.encoder(norms, activation, epsilon);
        for (Similarity similarity : Similarity.values()) {
            ModelConfig config = new ModelConfig(new DotScoring(), encoder, true, Pooling.WEIGHTED,
                    similarity, similarity == Similarity.COSINE ? 1 : 0.06, RandomModels.TEXT);
            assertGradientsAgree(config, RandomModels.weights(config, 5), randomTexts(7));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "distilbert", "modernbert"})
    void everyGradientOfAFamilysEncoderIsTheStockEngines(String family) throws IOException {
        EncoderConfig encoder = RandomModels.ofFamily(family);
        ModelConfig config = new ModelConfig(new DotScoring(), encoder, true, Pooling.WEIGHTED, Similarity.COSINE, 1,
                RandomModels.TEXT);
        assertGradientsAgree(config, RandomModels.weights(config, 5), randomTexts(7));
    }

    @Test
    void aPolyEncodersContextsAreTheStockEngines() {
        ModelConfig config = RandomModels.polyEncoder(true, 16);
        Map<String, Tensor> weights = RandomModels.weights(config, 2);
        try (Tower stock = Tower.ofContexts(config, weights, Engine.stock());
                Tower simd = Tower.ofContexts(config, weights, SIMD)) {
            float[][] expected = stock.runAll(randomTexts(20), Progress.NONE);
            float[][] actual = simd.runAll(randomTexts(20), Progress.NONE);
            for (int i = 0; i < expected.length; i++) assertClose("text " + i, expected[i], actual[i], 0);
        }
    }

    private static List<int[]> randomTexts(int count) {
        Random random = new Random(4);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) texts.add(RandomModels.ids(random, 1 + random.nextInt(30)));
        return texts;
    }

    private static void assertGradientsAgree(ModelConfig config, Map<String, Tensor> weights, List<int[]> texts) {
        Map<String, float[]> expected = gradients(config, weights, texts, Engine.stock());
        Map<String, float[]> actual = gradients(config, weights, texts, SIMD);
        assertEquals(expected.keySet(), actual.keySet());
        double largest = expected.values().stream().mapToDouble(EnginesAgreeTest::largest).max().orElseThrow();
        // Keys' biases shift all logits of a query alike: their gradient is zero but for rounding.
        expected.forEach((name, values) -> assertClose(name, values, actual.get(name), 1e-2 * largest));
    }

    /** Of the scores of the first half of the texts with the second half. */
    private static Map<String, float[]> gradients(ModelConfig config, Map<String, Tensor> weights, List<int[]> texts,
            Engine engine) {
        Objective objective = (graph, scores) -> {
            Node product = graph.multiply(scores, graph.input("upstream", Graph.ANY, Graph.ANY));
            SequencedMap<String, Node> losses = new LinkedHashMap<>();
            losses.put(Objective.TOTAL, graph.sum(graph.sum(product, 1, false), 0, false));
            return losses;
        };
        int half = texts.size() / 2;
        Random random = new Random(9);
        float[] upstream = new float[half * (texts.size() - half)];
        for (int i = 0; i < upstream.length; i++) upstream[i] = (float) random.nextGaussian();
        Map<String, Tensor> fed = Map.of("upstream", Tensor.of(upstream, half, texts.size() - half));
        Map<String, float[]> gradients = new LinkedHashMap<>();
        try (WorkerPool pool = new WorkerPool(1);
                TrainableStudent student = new TrainableStudent(config, weights, engine, pool,
                        new TrainableStudent.Settings(1, 0, 4096, 1 << 20), objective)) {
            double loss = student.pass(texts.subList(0, half), texts.subList(half, texts.size()), fed, 0).losses()
                    .get(Objective.TOTAL);
            gradients.put(Objective.TOTAL, new float[]{(float) loss});
            for (TrainableBuffer buffer : student.buffers()) {
                for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                    gradients.put(entry.name(),
                            buffer.layout().slice(buffer.gradients(), entry).toArray(ValueLayout.JAVA_FLOAT));
                }
            }
        }
        return gradients;
    }

    /** Within the tolerance of the largest element, or of {@code floor} if that is more. */
    private static void assertClose(String name, float[] expected, float[] actual, double floor) {
        assertEquals(expected.length, actual.length);
        double allowed = TOLERANCE * Math.max(largest(expected), floor);
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertTrue(Math.abs(expected[i] - actual[i]) <= allowed,
                    () -> name + "[" + at + "] is " + actual[at] + ", not " + expected[at] + " within " + allowed);
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) largest = Math.max(largest, Math.abs(value));
        return largest;
    }
}
