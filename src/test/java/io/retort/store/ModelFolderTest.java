package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.EncoderConfig;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.RandomModels;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.Similarity;
import io.retort.retrieval.TinyTokenizer;
import io.retort.tensor.ElementType;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Importing, writing, replacing and loading model folders. */
class ModelFolderTest {
    private static final String QUERY = "encoder.layer.0.attention.self.query.weight";
    private static final ModelConfig CONFIG = RandomModels.biEncoder(true, Similarity.COSINE, 1);
    private static final ObjectNode PROVENANCE = JsonNodeFactory.instance.objectNode().put("name", "test");

    @TempDir
    Path root;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(RandomModels.weights(CONFIG, 41));
    private Path weights;
    private Path tokenizer;
    private Path target;

    @BeforeEach
    void place() throws IOException {
        Path source = Files.createDirectory(root.resolve("source"));
        weights = source.resolve("model.safetensors");
        tokenizer = source.resolve("tokenizer.json");
        target = root.resolve("models").resolve("tiny");
        Files.write(tokenizer, TinyTokenizer.json(50));
    }

    @Test
    void anImportedModelAnswers() throws IOException {
        ModelFolder folder = write();
        assertEquals(CONFIG, ModelFolder.open(target).config());
        assertEquals("tiny", folder.name());
        assertEquals(List.of("tiny"), names(target.getParent()));
        assertEquals(List.of("config.json", "model.safetensors", "provenance.json", "tokenizer.json"), names(target));
        try (RetrievalModel model = folder.load(Engine.stock())) {
            float[][] replies = model.encodeReplies(List.of("w5 w6", "w40"), Progress.NONE);
            float[] scores = model.score(Context.of("w5 w6"), replies);
            assertEquals(1, scores[0], 1e-5);
            assertTrue(scores[1] < scores[0]);
        }
    }

    @Test
    void aMissingTensorIsReportedAndRefused() throws IOException {
        tensors.remove(QUERY);
        assertEquals(List.of(QUERY), report().missing());
        assertNothingWritten("missing: " + QUERY);
    }

    @Test
    void anUnexpectedTensorIsRefusedUnlessAllowed() throws IOException {
        tensors.put("decoder.weight", Tensor.of(new float[4], 2, 2));
        assertEquals(List.of("decoder.weight"), report().unexpected());
        assertTrue(report().isUsable());
        assertNothingWritten("unexpected: decoder.weight");
        save();
        ModelFolder folder = new ModelImport(CONFIG, weights, tokenizer, ModelImport.Leniency.UNEXPECTED).write(target,
                PROVENANCE);
        folder.load(Engine.stock()).close();
    }

    @Test
    void twoTensorsForOneParameterAreNotSilentlyReducedToOne() throws IOException {
        tensors.put("bert." + QUERY, tensors.get(QUERY));
        assertEquals(List.of("bert." + QUERY), report().unexpected());
    }

    @Test
    void prefixesAndOldNamesOfTheHubAreUnderstood() throws IOException {
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(tensors);
        tensors.clear();
        own.forEach((name, tensor) -> tensors.put("bert." + name.replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta"), tensor));
        assertTrue(report().isClean());
    }

    @Test
    void aTensorOfAnotherShapeIsReportedWithBothShapes() throws IOException {
        tensors.put(QUERY, Tensor.of(new float[24 * 12], 24, 12));
        assertEquals(List.of(QUERY + " is [24, 24], the file has " + QUERY + " F32[24, 12]"), report().mismatched());
        assertNothingWritten("shape: " + QUERY);
    }

    @Test
    void integersAreNoWeights() throws IOException {
        tensors.put(QUERY, new Tensor(ElementType.I32, Shape.of(24, 24), MemorySegment.ofArray(new int[24 * 24])));
        assertEquals(1, report().mismatched().size());
        assertNothingWritten("shape: " + QUERY);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void weightsThatAreNotFiniteAreReportedWithTheirPlace(float value) throws IOException {
        float[] values = tensors.get(QUERY).toFloats().clone();
        values[100] = value;
        tensors.put(QUERY, Tensor.of(values, 24, 24));
        assertEquals(List.of(QUERY + " (first at element 100)"), report().notFinite());
        assertNothingWritten("not finite: " + QUERY);
    }

    @Test
    void halfPrecisionWeightsAreRead() throws IOException {
        SafetensorsWriter.write(weights, tensors, Map.of(), ElementType.BF16);
        ModelFolder folder = strict().write(target, PROVENANCE);
        try (RetrievalModel half = folder.load(Engine.stock());
                RetrievalModel whole = write().load(Engine.stock())) {
            float[] a = half.encodeReplies(List.of("w5 w6 w7"), Progress.NONE)[0];
            float[] b = whole.encodeReplies(List.of("w5 w6 w7"), Progress.NONE)[0];
            assertArrayEquals(b, a, 0.05f);
            assertFalse(Arrays.equals(a, b));
        }
    }

    @Test
    void truncatedWeightsAreRefusedWhereverTheyEnd() throws IOException {
        save();
        byte[] whole = Files.readAllBytes(weights);
        for (int length : new int[]{0, 1, 7, 8, 500, whole.length / 2, whole.length - 1}) {
            Files.write(weights, Arrays.copyOf(whole, length));
            BadInput refusal = assertThrows(BadInput.class, () -> strict().write(target, PROVENANCE));
            assertTrue(refusal.getMessage().startsWith(weights.toString()), refusal.getMessage());
            assertNothingThere();
        }
    }

    /** Some 60 GB of weights, which nobody but this configuration ever mentioned. */
    @Test
    void aConfigurationAloneAllocatesNothing() throws IOException {
        EncoderConfig vast = new EncoderConfig(50, 16384, 14, 16, 32768, 40, 0, 2, 1e-12, EncoderConfig.Activation.GELU,
                EncoderConfig.NormPlacement.POST);
        ModelConfig config = new ModelConfig(new DotScoring(), vast, true, Pooling.MEAN, Similarity.COSINE,
                1, RandomModels.TEXT);
        save();
        WeightReport report = new ModelImport(config, weights, tokenizer, ModelImport.Leniency.STRICT).report();
        assertFalse(report.isUsable());
        assertEquals(14 * 16 + 5, report.missing().size() + report.mismatched().size());
    }

    @Test
    void aTokenizerWithMoreTokensThanTheModelIsRefused() throws IOException {
        Files.write(tokenizer, TinyTokenizer.json(51));
        assertNothingWritten("the tokenizer has 51 tokens, the model's embedding table 50 rows");
    }

    @Test
    void aTokenizerWithoutTheModelsSpecialTokensIsRefused() throws IOException {
        Files.write(tokenizer, TinyTokenizer.json(List.of("[PAD]", "[UNK]", "[CLS]", "word")));
        assertNothingWritten("the tokenizer has no token `[SEP]`");
    }

    @Test
    void aDamagedTokenizerIsRefused() throws IOException {
        Files.writeString(tokenizer, "{");
        assertNothingWritten("is not a tokenizer.json");
    }

    @Test
    void aFailedImportLeavesTheOlderFolderAsItWas() throws IOException {
        String before = write().fingerprint();
        tensors.remove(QUERY);
        save();
        assertThrows(BadInput.class, () -> strict().write(target, PROVENANCE));
        assertEquals(before, ModelFolder.open(target).fingerprint());
        assertEquals(List.of("tiny"), names(target.getParent()));
    }

    @Test
    void anOlderFolderIsReplacedWholly() throws IOException {
        String before = write().fingerprint();
        tensors.putAll(RandomModels.weights(CONFIG, 42));
        assertNotEquals(before, write().fingerprint());
        assertEquals(List.of("tiny"), names(target.getParent()));
    }

    @Test
    void foldersThatAreNotOnlyAModelAreNeverReplaced() throws IOException {
        save();
        Files.createDirectories(target);
        Path precious = Files.writeString(target.resolve("thesis.txt"), "years of work");
        assertRefused("exists and is no model folder");
        Files.writeString(target.resolve("config.json"), "{}");
        assertRefused("holds thesis.txt, which would be lost");
        assertEquals("years of work", Files.readString(precious));
        assertEquals(List.of("tiny"), names(target.getParent()));
    }

    @Test
    void aFileIsNeverReplacedByAFolder() throws IOException {
        save();
        Files.createDirectories(target.getParent());
        Files.writeString(target, "a file");
        assertRefused("exists and is no model folder");
        assertEquals("a file", Files.readString(target));
    }

    @Test
    void manyWritersOfOneFolderLeaveOneWholeModel() throws IOException {
        save();
        String expected = strict().write(root.resolve("alone"), PROVENANCE).fingerprint();
        IntStream.range(0, 12).parallel().forEach(i -> {
            try {
                strict().write(target, PROVENANCE);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertEquals(expected, ModelFolder.open(target).fingerprint());
        assertEquals(List.of("tiny"), names(target.getParent()));
    }

    @Test
    void theFingerprintIsThatOfConfigurationTokenizerAndWeights() throws IOException {
        String first = write().fingerprint();
        assertEquals(64, first.length());
        assertEquals(first, write().fingerprint(), "written again");
        save();
        ObjectNode other = JsonNodeFactory.instance.objectNode().put("name", "elsewhere");
        assertEquals(first, strict().write(root.resolve("other"), other).fingerprint(), "name and provenance");
        Path config = target.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\n", " "));
        assertEquals(first, ModelFolder.open(target).fingerprint(), "white space in config.json");
        Files.writeString(config, Files.readString(config).replace("\"mean\"", "\"first\""));
        assertNotEquals(first, ModelFolder.open(target).fingerprint(), "pooling");
        write();
        Files.write(target.resolve("tokenizer.json"), TinyTokenizer.json(49));
        assertNotEquals(first, ModelFolder.open(target).fingerprint(), "tokenizer");
        tensors.put(QUERY, Tensor.of(new float[24 * 24], 24, 24));
        assertNotEquals(first, write().fingerprint(), "one tensor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
    void aFolderWithoutOneOfItsFilesIsNamed(String file) throws IOException {
        write();
        Files.delete(target.resolve(file));
        String message = assertThrows(BadInput.class, () -> ModelFolder.open(target)).getMessage();
        assertTrue(message.startsWith(target + ": is no model folder: " + file + " is missing"), message);
    }

    @Test
    void aFolderWhoseWeightsWereDamagedDoesNotLoad() throws IOException {
        ModelFolder folder = write();
        Path file = target.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThrows(BadInput.class, () -> folder.load(Engine.stock()));
        tensors.remove(QUERY);
        SafetensorsWriter.write(file, tensors, Map.of());
        String message = assertThrows(BadInput.class, () -> folder.load(Engine.stock())).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains("missing: " + QUERY), message);
    }

    private ModelFolder write() throws IOException {
        save();
        return strict().write(target, PROVENANCE);
    }

    private void save() throws IOException {
        SafetensorsWriter.write(weights, tensors, Map.of());
    }

    private ModelImport strict() throws IOException {
        return new ModelImport(CONFIG, weights, tokenizer, ModelImport.Leniency.STRICT);
    }

    private WeightReport report() throws IOException {
        save();
        return strict().report();
    }

    private void assertNothingWritten(String problem) throws IOException {
        save();
        assertRefused(problem);
        assertNothingThere();
    }

    private void assertRefused(String problem) {
        String message = assertThrows(BadInput.class, () -> strict().write(target, PROVENANCE)).getMessage();
        assertTrue(message.contains(problem), message);
    }

    private void assertNothingThere() throws IOException {
        assertFalse(Files.exists(target));
        if (Files.exists(target.getParent())) assertEquals(List.of(), names(target.getParent()));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
