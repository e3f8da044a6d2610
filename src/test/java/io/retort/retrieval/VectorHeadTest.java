package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.graph.GradientCheck;
import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelConfigJson;
import io.retort.store.ModelFolder;
import io.retort.store.SentenceTransformersExport;
import io.retort.store.TinyModel;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands after the encoder: written down, differentiated, trained, refused. */
class VectorHeadTest {
    private static final List<String> REPLIES = List.of("yes always", "i hate fish and rain", "no");

    @TempDir
    Path work;

    @Provide
    Arbitrary<VectorHead> heads() {
        Arbitrary<List<Pooling>> poolings = Arbitraries.of(Pooling.class).list().ofMinSize(1).ofMaxSize(4);
        Arbitrary<List<Integer>> sizes = Arbitraries.integers().between(1, 40).list().ofMaxSize(3);
        return Combinators.combine(poolings, sizes, Arbitraries.of(DenseActivation.class), Arbitraries.of(true, false),
                Arbitraries.of(true, false)).as((chosen, out, activation, bias, normalized) -> {
                    List<VectorHead.Layer> layers = new java.util.ArrayList<>();
                    int in = 24 * chosen.size();
                    for (int size : out) {
                        layers.add(new VectorHead.Dense(in, size, bias, activation));
                        if (bias) layers.add(new VectorHead.Normalize());
                        in = size;
                    }
                    return new VectorHead(chosen, layers, normalized);
                });
    }

    @Property(tries = 100)
    void whatIsWrittenIsReadBackEqual(@ForAll("heads") VectorHead head) throws IOException {
        Similarity similarity = head.normalized() || head.layers().size() == 1 ? Similarity.COSINE : Similarity.DOT;
        ModelConfig config = config(head, similarity, true);
        assertEquals(config, ModelConfigJson.parse(new ObjectMapper().readTree(ModelConfigJson.write(config)),
                Path.of("config.json")));
    }

    private static ModelConfig config(VectorHead head, Similarity similarity, boolean tied) {
        EncoderConfig encoder = RandomModels.encoder(EncoderConfig.NormPlacement.POST, EncoderConfig.Activation.GELU,
                1e-12);
        return new ModelConfig(new DotScoring(), encoder, tied, head, similarity, 1, RandomModels.TEXT);
    }

    private static VectorHead head(DenseActivation activation, boolean normalized) {
        return new VectorHead(List.of(Pooling.MEAN, Pooling.FIRST),
                List.of(new VectorHead.Dense(48, 7, true, activation),
                        new VectorHead.Normalize(), new VectorHead.Dense(7, 5, false, DenseActivation.IDENTITY)),
                normalized);
    }

    private ModelFolder folder(String name, ModelConfig config) throws IOException {
        return ModelFolder.write(work.resolve(name), config, TinyModel.tokenizer(),
                new LinkedHashMap<String, Tensor>(RandomModels.weights(config, 3)),
                JsonNodeFactory.instance.objectNode());
    }

    @Test
    void aConfigurationWithOnePoolingReadsAsItAlwaysDid() throws IOException {
        String json = new String(ModelConfigJson.write(RandomModels.biEncoder(true, Similarity.COSINE, 1)),
                java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(json.contains("\"pooling\" : \"mean\""), json);
        assertFalse(json.contains("\"layers\"") || json.contains("normalize"), json);
    }

    @ParameterizedTest
    @EnumSource(DenseActivation.class)
    void gradientsOfDenseLayersAreRight(DenseActivation activation) {
        Graph graph = Graph.of(ElementType.F64);
        VectorHead head = new VectorHead(List.of(Pooling.MEAN), List.of(new VectorHead.Dense(6, 4, true, activation),
                new VectorHead.Normalize(), new VectorHead.Dense(4, 3, false, DenseActivation.TANH)), false);
        Node loss = head.apply(graph, "", graph.input("pooled", 2, 6));
        Random random = new Random(4);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        graph.parameters().forEach((name, shape) -> weights.put(name, uniform(random, shape.toArray())));
        Map<String, Double> errors = GradientCheck.errorsAlongDirections(graph, loss,
                new LinkedHashMap<>(Map.of("pooled", uniform(random, 2, 6))), weights, List.of("pooled"));
        assertEquals(graph.parameters().size() + 1, errors.size());
        errors.forEach((name, error) -> assertTrue(error < 1e-5, name + ": " + error));
    }

    private static Tensor uniform(Random random, int... dims) {
        double[] values = random.doubles(Arrays.stream(dims).reduce(1, Math::multiplyExact), -1, 1).toArray();
        return Tensor.of(values, dims);
    }

    @Test
    void aTrainedStudentKeepsItsLayersAndTrainsThem() throws IOException {
        ModelFolder base = folder("base", config(head(DenseActivation.TANH, true), Similarity.COSINE, true));
        for (boolean tied : new boolean[]{true, false}) {
            ModelConfig as = base.config().as(new DotScoring(), tied);
            try (WorkerPool pool = new WorkerPool(1);
                    TrainableStudent student = base.trainable(as, 1, Engine.simd(1), pool,
                            new TrainableStudent.Settings(20, 0, 4096, 4096), (graph, scores) -> {
                                LinkedHashMap<String, Node> losses = new LinkedHashMap<>();
                                losses.put("loss", graph.sum(graph.sum(scores, 1, false), 0, false));
                                return losses;
                            })) {
                Map<String, Tensor> before = student.weights();
                student.pass(List.of(new int[]{1, 5, 6, 2}), List.of(new int[]{1, 9, 2}, new int[]{1, 10, 2}), Map.of(),
                        1);
                for (String side : tied ? List.of("") : List.of("context_encoder.", "reply_encoder.")) {
                    assertTrue(before.containsKey(side + "dense.1.weight"), before.keySet().toString());
                }
                ModelFolder trained = ModelFolder.write(work.resolve("trained-" + tied), as, base.tokenizer(),
                        student.weights(), JsonNodeFactory.instance.objectNode());
                try (RetrievalModel one = base.load(Engine.stock());
                        RetrievalModel other = trained.load(Engine.stock())) {
                    assertArrayEquals(one.encodeReplies(REPLIES, Progress.NONE),
                            other.encodeReplies(REPLIES, Progress.NONE));
                }
                boolean moved = student.buffers().stream().anyMatch(buffer -> buffer.layout().entries().stream()
                        .filter(entry -> entry.name().endsWith("dense.0.weight"))
                        .anyMatch(entry -> nonZero(buffer, entry)));
                assertTrue(moved, "the loss has a gradient in the layers");
            }
        }
    }

    private static boolean nonZero(TrainableBuffer buffer, io.retort.graph.ParameterLayout.Entry entry) {
        float[] gradient = buffer.layout().slice(buffer.gradients(), entry)
                .toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
        for (float value : gradient) if (value != 0) return true;
        return false;
    }

    @Test
    void int8AndExportKeepTheLayers() throws IOException {
        ModelFolder whole = folder("whole", config(head(DenseActivation.GELU, false), Similarity.COSINE, false));
        List<Path> exported = SentenceTransformersExport.write(whole, work.resolve("exported"));
        try (RetrievalModel one = whole.load(Engine.stock());
                RetrievalModel small = whole.writeInt8(work.resolve("small")).load(Engine.stock());
                RetrievalModel replies = ModelFolder.open(exported.get(1)).load(Engine.stock())) {
            float[][] vectors = one.encodeReplies(REPLIES, Progress.NONE);
            float[][] again = replies.encodeReplies(REPLIES, Progress.NONE);
            float[][] rounded = small.encodeReplies(REPLIES, Progress.NONE);
            for (int i = 0; i < vectors.length; i++) {
                assertEquals(5, vectors[i].length);
                assertArrayEquals(vectors[i], again[i], 1e-6f);
                assertTrue(ReferenceEncoder.dot(doubles(vectors[i]), doubles(rounded[i])) > 0.99);
                assertEquals(1, ReferenceEncoder.dot(doubles(vectors[i]), doubles(vectors[i])), 1e-6);
            }
        }
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) doubles[i] = values[i];
        return doubles;
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        ModelFolder dense = folder("dense", config(head(DenseActivation.TANH, true), Similarity.COSINE, true));
        assertTrue(
                assertThrows(BadInput.class, () -> new StudentForm.Scored(new PolyScoring(4), true).of(dense.config()))
                        .getMessage().contains("dense layers"));
        ModelFolder most = folder("most",
                config(new VectorHead(List.of(Pooling.MAXIMUM), List.of(), true), Similarity.COSINE, true));
        try (WorkerPool pool = new WorkerPool(1)) {
            assertTrue(assertThrows(BadInput.class, () -> most.trainable(most.config(), 1, Engine.simd(1), pool,
                    new TrainableStudent.Settings(1, 0, 64, 64), null)).getMessage().contains("cannot be trained"));
        }
        assertThrows(IllegalArgumentException.class, () -> new VectorHead(List.of(), List.of(), true));
        assertThrows(IllegalArgumentException.class,
                () -> config(new VectorHead(List.of(Pooling.MEAN), List.of(new VectorHead.Dense(23, 2, true,
                        DenseActivation.TANH)), true), Similarity.COSINE, true));
        assertThrows(IllegalArgumentException.class,
                () -> config(new VectorHead(List.of(Pooling.MEAN), List.of(), true), Similarity.DOT, true));
    }
}
