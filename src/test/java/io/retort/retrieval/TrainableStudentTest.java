package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.WorkerPool;
import io.retort.tensor.Tensor;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Students of every form under one loss, the sum of all scores by fed weights. */
class TrainableStudentTest {
    /** Token 7 several times, also twice in one text and on both sides; texts of many lengths. */
    private static final List<int[]> CONTEXTS = List.of(new int[]{7, 3, 7, 20, 11}, new int[]{4, 7},
            new int[]{49, 0, 1, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22});
    private static final List<int[]> REPLIES = replies();
    private static final TrainableStudent.Settings WHOLE = new TrainableStudent.Settings(3, 0, 4096, 4096);

    private final WorkerPool pool = new WorkerPool(2);

    static Stream<ModelConfig> forms() {
        return Stream.of(RandomModels.biEncoder(true, Similarity.COSINE, 1),
                RandomModels.biEncoder(true, Similarity.DOT, 0.06),
                RandomModels.biEncoder(false, Similarity.DOT, 0.06), RandomModels.polyEncoder(true, 3),
                RandomModels.polyEncoder(false, 3), RandomModels.scored(new CrossingScoring(5), true),
                RandomModels.scored(new CrossingScoring(5), false));
    }

    private static List<int[]> replies() {
        Random random = new Random(2);
        List<int[]> replies = new ArrayList<>();
        for (int length = 1; length < 20; length++) replies.add(RandomModels.ids(random, length));
        replies.add(new int[]{7, 7});
        return List.copyOf(replies);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private TrainableStudent student(ModelConfig config, Engine engine, TrainableStudent.Settings settings) {
        Objective objective = (graph, scores) -> {
            Node product = graph.multiply(scores, graph.input("upstream", Graph.ANY, Graph.ANY));
            SequencedMap<String, Node> losses = new LinkedHashMap<>();
            losses.put(Objective.TOTAL, graph.sum(graph.sum(product, 1, false), 0, false));
            return losses;
        };
        return new TrainableStudent(config, RandomModels.weights(config, 3), engine, pool, settings, objective);
    }

    private static float[] upstream() {
        Random random = new Random(1);
        float[] values = new float[CONTEXTS.size() * REPLIES.size()];
        for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
        return values;
    }

    private static double pass(TrainableStudent student) {
        Tensor upstream = Tensor.of(upstream(), CONTEXTS.size(), REPLIES.size());
        return student.pass(CONTEXTS, REPLIES, Map.of("upstream", upstream), 11).losses().get(Objective.TOTAL);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void itsScoresAreTheModels(ModelConfig config) {
        float[] upstream = upstream();
        double expected = 0;
        Map<String, Tensor> weights = RandomModels.weights(config, 3);
        try (Tower replies = Tower.pooled(config, config.replyPrefix(), weights, Engine.stock())) {
            float[][] vectors = replies.runAll(REPLIES, Progress.NONE);
            for (int i = 0; i < CONTEXTS.size(); i++) {
                float[] scores = scores(config, weights, CONTEXTS.get(i), vectors);
                for (int j = 0; j < scores.length; j++) expected += 3 * scores[j] * upstream[i * scores.length + j];
            }
        }
        try (TrainableStudent student = student(config, Engine.stock(), WHOLE)) {
            assertEquals(expected, pass(student), 2e-4 * Math.max(1, Math.abs(expected)));
        }
    }

    private static float[] scores(ModelConfig config, Map<String, Tensor> weights, int[] context, float[][] replies) {
        Tokenizer tokenizer = HuggingFaceTokenizer.parse(Path.of("tiny"),
                TinyTokenizer.json(config.encoder().vocabulary()));
        try (RetrievalModel model = new RetrievalModel(config, tokenizer, weights, Engine.stock())) {
            return model.score(context, replies);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theSlopeAlongEveryParameterIsItsGradient(ModelConfig config) {
        try (TrainableStudent student = student(config, Engine.simd(1), WHOLE)) {
            pass(student);
            Map<String, float[]> gradients = gradients(student);
            assertEquals(ModelParameters.of(config).keySet(), gradients.keySet());
            for (TrainableBuffer buffer : student.buffers()) {
                for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                    MemorySegment values = buffer.layout().slice(buffer.values(), entry);
                    assertSlope(student, values, gradients.get(entry.name()), entry.name());
                }
            }
        }
    }

    private static void assertSlope(TrainableStudent student, MemorySegment values, float[] gradient, String name) {
        double squares = 0;
        for (float g : gradient) squares += (double) g * g;
        if (squares < 1e-6) return; // keys' biases: nothing but rounding
        float step = (float) (5e-3 / Math.sqrt(squares));
        add(values, gradient, step);
        double up = pass(student);
        add(values, gradient, -2 * step);
        double down = pass(student);
        add(values, gradient, step);
        double slope = (up - down) / (2 * step);
        assertEquals(squares, slope, 0.02 * squares + 0.02, name);
    }

    /** However the step is cut, and whatever waits or is computed twice, with dropout too. */
    @ParameterizedTest
    @MethodSource("forms")
    void gradientsDoNotDependOnHowTheStepIsCut(ModelConfig config) {
        assertCutsChangeNothing(config, Engine.simd(2), 0, 150, 4096);
        // Of 150 tokens some passes wait and others are computed again.
        assertCutsChangeNothing(config, Engine.stock(), 150);
    }

    @ParameterizedTest
    @MethodSource("forms")
    @Tag("slow")
    void gradientsOfTheStockEngineDoNotDependOnAnyCut(ModelConfig config) {
        assertCutsChangeNothing(config, Engine.stock(), 0, 150, 4096);
    }

    private void assertCutsChangeNothing(ModelConfig config, Engine engine, int... tokensHeld) {
        Map<String, float[]> whole = gradients(config, engine, new TrainableStudent.Settings(3, 0.2, 4096, 4096));
        for (int held : tokensHeld) {
            assertClose(whole, gradients(config, engine, new TrainableStudent.Settings(3, 0.2, 64, held)));
        }
    }

    private Map<String, float[]> gradients(ModelConfig config, Engine engine, TrainableStudent.Settings settings) {
        try (TrainableStudent student = student(config, engine, settings)) {
            pass(student);
            pass(student); // that of the last pass alone
            return gradients(student);
        }
    }

    @Test
    void dropoutIsAFunctionOfTheSeed() {
        ModelConfig config = RandomModels.biEncoder(true, Similarity.DOT, 1);
        Map<String, Tensor> fed = Map.of("upstream", Tensor.of(upstream(), CONTEXTS.size(), REPLIES.size()));
        try (TrainableStudent student = student(config, Engine.stock(),
                new TrainableStudent.Settings(1, 0.5, 64, 64))) {
            double first = student.pass(CONTEXTS, REPLIES, fed, 5).losses().get(Objective.TOTAL);
            double other = student.pass(CONTEXTS, REPLIES, fed, 6).losses().get(Objective.TOTAL);
            assertTrue(Math.abs(first - other) > 1e-3);
            assertEquals(first, student.pass(CONTEXTS, REPLIES, fed, 5).losses().get(Objective.TOTAL));
        }
    }

    @Test
    void dropoutKeepsTheMean() {
        int[] ids = new int[1000];
        io.retort.text.TokenBatch batch = new io.retort.text.LengthBuckets(4096, 1000).plan(List.of(ids), 0).getFirst();
        Dropout dropout = new Dropout(0.3);
        Graph graph = Graph.of(io.retort.tensor.ElementType.F32);
        dropout.at("site", graph, graph.input("x", Graph.ANY, 100), 100);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        dropout.feed(batch, new int[]{0}, 1, 100, inputs);
        float[] mask = inputs.get("dropout.site").toFloats();
        double sum = 0;
        int zeros = 0;
        for (float value : mask) {
            sum += value;
            if (value == 0) zeros++;
        }
        assertEquals(0.3, (double) zeros / mask.length, 0.005);
        assertEquals(1, sum / mask.length, 0.01);
    }

    private static Map<String, float[]> gradients(TrainableStudent student) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        for (TrainableBuffer buffer : student.buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                gradients.put(entry.name(),
                        buffer.layout().slice(buffer.gradients(), entry).toArray(ValueLayout.JAVA_FLOAT));
            }
        }
        return gradients;
    }

    private static void assertClose(Map<String, float[]> expected, Map<String, float[]> actual) {
        double largest = 0;
        for (float[] values : expected.values()) for (float v : values) largest = Math.max(largest, Math.abs(v));
        for (String name : expected.keySet()) {
            assertArrayEquals(expected.get(name), actual.get(name), (float) (2e-5 * largest), name);
        }
    }

    private static void add(MemorySegment values, float[] direction, float factor) {
        for (int i = 0; i < direction.length; i++) {
            float sum = values.getAtIndex(ValueLayout.JAVA_FLOAT, i) + factor * direction[i];
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, sum);
        }
    }
}
