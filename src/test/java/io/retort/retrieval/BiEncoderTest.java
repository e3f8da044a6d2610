package io.retort.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.store.WeightImport;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BiEncoderTest {
    private static final int[] IDS = {2, 7, 8, 9, 3};
    private static final String TEXT = "w7 w8 w9";

    @Test
    void eachSideOfAnUntiedModelUsesItsOwnEncoder() {
        ModelConfig config = RandomModels.biEncoder(false, Similarity.DOT, 0.06);
        Map<String, Tensor> weights = RandomModels.weights(config, 21);
        double[] context = expected(config, weights, config.contextPrefix());
        double[] reply = expected(config, weights, config.replyPrefix());
        assertTrue(distance(context, reply) > 0.01, "two encoders that differ");
        try (RetrievalModel model = open(config, weights)) {
            assertClose(context, model.encodeContext(IDS));
            assertClose(reply, reply(model));
            assertEquals(ReferenceEncoder.dot(context, reply), model.score(IDS, new float[][]{reply(model)})[0], 1e-6);
        }
    }

    @Test
    void bothSidesOfATiedModelAreOneEncoder() {
        ModelConfig config = RandomModels.biEncoder(true, Similarity.DOT, 0.06);
        try (RetrievalModel model = open(config, RandomModels.weights(config, 22))) {
            assertArrayEquals(model.encodeContext(IDS), reply(model), 1e-6f);
        }
    }

    @Test
    void oneEncodersCheckpointFillsBothSidesOfAnUntiedModel(@TempDir Path folder) throws IOException {
        ModelConfig bare = RandomModels.biEncoder(true, Similarity.DOT, 1);
        ModelConfig untied = RandomModels.biEncoder(false, Similarity.DOT, 1);
        Path file = folder.resolve("bare.safetensors");
        SafetensorsWriter.write(file, new LinkedHashMap<>(RandomModels.weights(bare, 23)), Map.of());
        try (TensorFile tensors = TensorFile.open(file)) {
            WeightImport imported = WeightImport.of(untied, tensors);
            assertTrue(imported.report().isClean(), () -> String.join("\n", imported.report().lines()));
            assertEquals(ModelParameters.of(untied).sequencedKeySet().stream().toList(), imported.report().mapped());
            try (RetrievalModel model = open(untied, imported.weights());
                    RetrievalModel single = open(bare, RandomModels.weights(bare, 23))) {
                assertArrayEquals(single.encodeContext(IDS), model.encodeContext(IDS), 1e-6f);
                assertArrayEquals(single.encodeContext(IDS), reply(model), 1e-6f);
            }
        }
    }

    @Test
    void aModelOutlivesTheFileOfItsWeights(@TempDir Path folder) throws IOException {
        ModelConfig config = RandomModels.biEncoder(true, Similarity.COSINE, 1);
        Path file = folder.resolve("bare.safetensors");
        SafetensorsWriter.write(file, new LinkedHashMap<>(RandomModels.weights(config, 24)), Map.of());
        TensorFile tensors = TensorFile.open(file);
        try (RetrievalModel model = open(config, WeightImport.of(config, tensors).weights())) {
            tensors.close();
            float[] vector = model.encodeContext(IDS);
            assertEquals(1, model.scorer(vector).score(new float[][]{vector})[0], 1e-6);
        }
    }

    private static double[] expected(ModelConfig config, Map<String, Tensor> weights, String prefix) {
        Map<String, Tensor> side = RandomModels.side(weights, prefix);
        double[] mean = ReferenceEncoder.mean(new ReferenceEncoder(config.encoder(), side).hidden(IDS));
        for (int j = 0; j < mean.length; j++) mean[j] *= config.outputScaling();
        return mean;
    }

    private static float[] reply(RetrievalModel model) {
        return model.encodeReplies(List.of(TEXT), Progress.NONE)[0];
    }

    private static void assertClose(double[] expected, float[] actual) {
        for (int j = 0; j < expected.length; j++) assertEquals(expected[j], actual[j], 1e-6);
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
        return Math.sqrt(sum);
    }

    private static RetrievalModel open(ModelConfig config, Map<String, Tensor> weights) {
        byte[] json = TinyTokenizer.json(config.encoder().vocabulary());
        return new RetrievalModel(config, HuggingFaceTokenizer.parse(Path.of("tiny"), json), weights, Engine.stock());
    }
}
