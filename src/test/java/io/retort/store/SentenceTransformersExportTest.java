package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.RandomModels;
import io.retort.retrieval.RetrievalModel;
import io.retort.retrieval.Similarity;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folders' shape; that sentence-transformers gives the same vectors is for bench/peers to show. */
class SentenceTransformersExportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> REPLIES = List.of("yes always", "i hate fish and rain", "no");
    private static final Context CONTEXT = Context.of("hello you", "do you love tea");

    @TempDir
    Path work;

    private ModelFolder model(ModelConfig config) throws IOException {
        return ModelFolder.write(work.resolve("model"), config, TinyModel.tokenizer(),
                new LinkedHashMap<String, Tensor>(RandomModels.weights(config, 3)),
                JsonNodeFactory.instance.objectNode());
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    private static List<String> types(Path folder) throws IOException {
        List<String> types = new ArrayList<>();
        for (JsonNode module : json(folder.resolve("modules.json"))) {
            types.add(module.get("type").asText().replaceFirst(".*\\.", ""));
            assertTrue(Files.isDirectory(folder.resolve(module.get("path").asText())), module.toString());
        }
        return types;
    }

    @Test
    void aTiedCosineModelIsOneFolderThatPoolsAndNormalises() throws IOException {
        Path out = work.resolve("out");
        ModelFolder model = model(RandomModels.biEncoder(true, Similarity.COSINE, 1));
        assertEquals(List.of(out.resolve("")), SentenceTransformersExport.write(model, out));
        assertEquals(List.of("Transformer", "Pooling", "Normalize"), types(out));
        assertTrue(json(out.resolve("1_Pooling/config.json")).get("pooling_mode_mean_tokens").asBoolean());
        assertEquals("cosine", json(out.resolve("config_sentence_transformers.json")).get("similarity_fn_name")
                .asText());
        assertEquals(24, json(out.resolve("sentence_bert_config.json")).get("max_seq_length").asInt());
        try (TensorFile file = TensorFile.open(out.resolve("model.safetensors"))) {
            assertTrue(file.tensors().containsKey("encoder.layer.0.attention.self.query.weight"));
        }
        assertEquals("bert", json(out.resolve("config.json")).get("model_type").asText());
    }

    @Test
    void anUntiedModelIsAFolderForEachSideEachWithItsOwnWeights() throws IOException {
        Path out = work.resolve("out");
        ModelFolder model = model(RandomModels.biEncoder(false, Similarity.DOT, 1));
        List<Path> folders = SentenceTransformersExport.write(model, out);
        assertEquals(List.of(out.resolve("context-encoder"), out.resolve("reply-encoder")), folders);
        assertEquals(List.of("Transformer", "Pooling"), types(folders.getFirst()));
        assertEquals("left", json(folders.getFirst().resolve("tokenizer_config.json")).get("truncation_side").asText());
        Engine engine = Engine.stock();
        try (RetrievalModel whole = model.load(engine);
                RetrievalModel contexts = ModelFolder.open(folders.get(0)).load(engine);
                RetrievalModel replies = ModelFolder.open(folders.get(1)).load(engine)) {
            float[][] vectors = replies.encodeReplies(REPLIES, Progress.NONE);
            assertArrayEquals(whole.encodeReplies(REPLIES, Progress.NONE), vectors);
            assertArrayEquals(whole.score(CONTEXT, vectors), contexts.score(CONTEXT, vectors));
        }
    }

    @Test
    void outputScalingIsALastModuleThatMultiplies() throws IOException {
        Path out = work.resolve("out");
        SentenceTransformersExport.write(model(RandomModels.biEncoder(true, Similarity.DOT, 0.06)), out);
        assertEquals(List.of("Transformer", "Pooling", "Dense"), types(out));
        try (TensorFile file = TensorFile.open(out.resolve("2_Dense/model.safetensors"))) {
            float[] matrix = file.read("linear.weight").toFloats();
            for (int i = 0; i < matrix.length; i++) assertEquals(i % 25 == 0 ? 0.06f : 0, matrix[i]);
        }
    }

    @Test
    void theTokenizerFramesTextsAndKnowsTheSeparatorInText() throws IOException {
        Path out = work.resolve("out");
        SentenceTransformersExport.write(model(RandomModels.biEncoder(true, Similarity.COSINE, 1)), out);
        JsonNode tokenizer = json(out.resolve("tokenizer.json"));
        JsonNode single = tokenizer.get("post_processor").get("single");
        assertEquals("[CLS]", single.get(0).get("SpecialToken").get("id").asText());
        assertEquals("A", single.get(1).get("Sequence").get("id").asText());
        assertEquals("[SEP]", single.get(2).get("SpecialToken").get("id").asText());
        assertTrue(tokenizer.get("added_tokens").findValuesAsText("content").contains("[SEP]"));
        assertEquals("[SEP]", json(out.resolve("special_tokens_map.json")).get("sep_token").asText());
        assertTrue(Files.readString(out.resolve("README.md")).contains("\"[SEP]\".join(turns)"));
    }

    @Test
    void aPolyEncoderIsRefusedAndSoIsAFolderThatHoldsSomething() throws IOException {
        ModelFolder poly = TinyModel.polyEncoder(work.resolve("poly"), 1);
        Path out = work.resolve("out");
        assertTrue(assertThrows(BadInput.class, () -> SentenceTransformersExport.write(poly, out)).getMessage()
                .contains("poly-encoder"));
        assertFalse(Files.exists(out));
        ModelFolder tied = TinyModel.biEncoder(work.resolve("tied"), 1);
        Files.createFile(Files.createDirectory(out).resolve("mine"));
        assertThrows(BadInput.class, () -> SentenceTransformersExport.write(tied, out));
        assertTrue(Files.exists(out.resolve("mine")));
    }
}
