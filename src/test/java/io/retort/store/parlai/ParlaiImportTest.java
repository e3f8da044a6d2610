package io.retort.store.parlai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.Sequence;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import io.retort.tensor.TensorFile;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small random models that ParlAI's own code made and ran (bench/peers/parlai_golden.py), imported: the same ids,
 * vectors and scores; and what cannot be imported, refused whole.
 */
class ParlaiImportTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/store/parlai");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private static JsonNode golden(String model) throws IOException {
        return JSON.readTree(GOLDEN.resolve(model).resolve("golden.json").toFile());
    }

    private ModelFolder imported(Path source) throws IOException {
        ParlaiImport work = ParlaiImport.of(source);
        assertTrue(work.report().isClean(), work.report().summary());
        return ModelFolder.open(
                work.write(folder.resolve("imported"), JsonNodeFactory.instance.objectNode(), false).folder());
    }

    /** Copies a model's files to change them. */
    private Path copy(String model) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(model));
        try (Stream<Path> files = Files.list(GOLDEN.resolve(model))) {
            for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private Path changed(String model, Consumer<ObjectNode> change) throws IOException {
        Path copy = copy(model);
        ObjectNode options = (ObjectNode) JSON.readTree(copy.resolve("model.opt").toFile());
        change.accept(options);
        JSON.writeValue(copy.resolve("model.opt").toFile(), options);
        return copy;
    }

    /** Returns ids with those that stand for the unknown token replaced by it. */
    private static int[] seen(int[] ids, int tokens, int unknown) {
        return Arrays.stream(ids).map(id -> id < tokens ? id : unknown).toArray();
    }

    private static int[] ints(JsonNode array) {
        return JSON.convertValue(array, int[].class);
    }

    private static List<String> strings(JsonNode array) {
        return List.of(JSON.convertValue(array, String[].class));
    }

    private static void assertClose(JsonNode expected, float[][] found) {
        assertEquals(expected.size(), found.length);
        for (int row = 0; row < found.length; row++) {
            double[] values = JSON.convertValue(expected.get(row), double[].class);
            assertEquals(values.length, found[row].length);
            double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
            for (int i = 0; i < values.length; i++) assertEquals(values[i], found[row][i], 1e-4 * largest);
        }
    }

    @ParameterizedTest
    @CsvSource({"biencoder,120,3", "polyencoder,334,3"})
    void textsBecomeParlaisIds(String model, int tokens, int unknown) throws IOException {
        JsonNode golden = golden(model);
        try (Tokenizer tokenizer = imported(GOLDEN.resolve(model)).openTokenizer()) {
            List<String> texts = strings(golden.get("texts"));
            for (int i = 0; i < texts.size(); i++) {
                // What is typed never becomes a special token here, as it does there.
                if (texts.get(i).contains("__start__")) continue;
                assertArrayEquals(ints(golden.get("ids").get(i)), seen(tokenizer.encode(texts.get(i)), tokens, unknown),
                        texts.get(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"slow_bytelevel_bpe", "slow_bytelevel_bpe_with_space"})
    void theSlowByteLevelEncodingGivesItsOwnIds(String kind) throws IOException {
        JsonNode golden = golden("polyencoder");
        Path copy = changed("polyencoder", options -> options.put("dict_tokenizer", "slow_bytelevel_bpe")
                .put("bpe_add_prefix_space", kind.endsWith("space")));
        try (Tokenizer tokenizer = imported(copy).openTokenizer()) {
            List<String> texts = strings(golden.get("texts"));
            for (int i = 0; i < texts.size(); i++) {
                // No text has no tokens here, not even the blank before it.
                if (texts.get(i).isEmpty()) continue;
                assertArrayEquals(ints(golden.get(kind).get(i)), tokenizer.encode(texts.get(i)), texts.get(i));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"biencoder,120,3", "polyencoder,334,3"})
    void vectorsAndScoresAreParlais(String model, int tokens, int unknown) throws IOException {
        JsonNode golden = golden(model);
        try (RetrievalModel student = imported(GOLDEN.resolve(model).resolve("model")).load(Engine.stock())) {
            List<String> replies = strings(golden.get("replies"));
            List<int[]> contexts = new ArrayList<>();
            for (JsonNode turns : golden.get("contexts")) {
                contexts.add(student.inputs().context(new Context(strings(turns))));
            }
            for (int i = 0; i < contexts.size(); i++) {
                assertArrayEquals(ints(golden.get("context_ids").get(i)), seen(contexts.get(i), tokens, unknown));
            }
            for (int i = 0; i < replies.size(); i++) {
                assertArrayEquals(ints(golden.get("reply_ids").get(i)),
                        seen(student.inputs().reply(replies.get(i)), tokens, unknown));
            }
            float[][] vectors = student.encodeReplies(replies, Progress.NONE);
            assertClose(golden.get("reply_vectors"), vectors);
            assertClose(golden.get("context_vectors"), student.encodeContexts(contexts, Progress.NONE));
            float[][] scores = new float[contexts.size()][];
            for (int i = 0; i < scores.length; i++) scores[i] = student.score(contexts.get(i), vectors);
            assertClose(golden.get("scores"), scores);
        }
    }

    /** That transformers computes ParlAI's logits from such folders, bench/peers/parlai_generator_parity.py showed; that
     * Retort does, the next one. */
    @ParameterizedTest
    @CsvSource({"xlm,blenderbot-small,120,156,model.encoder.layernorm_embedding.weight,false",
        "prelayernorm,blenderbot,334,334,model.encoder.layer_norm.weight,true"})
    void aGeneratorBecomesAFolderOfTheHub(String variant, String type, int tokens, int rows, String norm, boolean ends)
            throws IOException {
        Path source = GOLDEN.resolve("generator-" + variant), out = folder.resolve("hub");
        ParlaiImport work = ParlaiImport.of(source);
        assertTrue(work.report().isClean(), work.report().summary());
        assertEquals(out, work.write(out, JsonNodeFactory.instance.objectNode(), false).folder());
        JsonNode config = JSON.readTree(out.resolve("config.json").toFile());
        assertEquals(type, config.get("model_type").asText());
        assertEquals(List.of(rows, 16, 1, 2, 4, 24, 48, 1, 2, 0, 1),
                Stream.of("vocab_size", "d_model", "encoder_layers",
                        "decoder_layers", "decoder_attention_heads", "encoder_ffn_dim", "max_position_embeddings",
                        "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
                        .map(key -> config.get(key).asInt()).toList());
        assertTrue(config.get("scale_embedding").asBoolean());
        JsonNode generation = JSON.readTree(out.resolve("generation_config.json").toFile());
        assertEquals(List.of(10, 20, 3, 3, 32), Stream.of("num_beams", "min_length", "no_repeat_ngram_size",
                "encoder_no_repeat_ngram_size", "max_length").map(key -> generation.get(key).asInt()).toList());
        assertEquals(ends, JSON.readTree(out.resolve("tokenizer.json").toFile()).has("post_processor"));
        try (TensorFile written = TensorFile.open(out); TensorFile given = TensorFile.open(source.resolve("model"))) {
            assertEquals(76, written.tensors().size());
            assertSame(given, "encoder.norm_embeddings.weight", written, norm);
            assertSame(given, "decoder.layers.1.encoder_attention.out_lin.weight", written,
                    "model.decoder.layers.1.encoder_attn.out_proj.weight");
            assertSame(given, "decoder.layers.1.norm2.bias", written,
                    "model.decoder.layers.1.encoder_attn_layer_norm.bias");
            assertSame(given, "encoder.layers.0.norm2.bias", written, "model.encoder.layers.0.final_layer_norm.bias");
            float[] words = written.read("model.shared.weight").toFloats();
            float[] known = given.read("embeddings.weight").toFloats();
            assertArrayEquals(known, Arrays.copyOf(words, known.length));
            for (int row = tokens; row < rows; row++) {
                assertArrayEquals(Arrays.copyOfRange(known, 3 * 16, 4 * 16),
                        Arrays.copyOfRange(words, row * 16, (row + 1) * 16));
            }
            float[] bias = written.read("final_logits_bias").toFloats();
            for (int id = 0; id < rows; id++) assertEquals(id == 1 || id >= tokens ? -1e20f : 0, bias[id]);
        }
        assertTrue(assertThrows(BadInput.class, () -> work.write(out, JsonNodeFactory.instance.objectNode(), false))
                .getMessage().startsWith(out + ": exists already"));
    }

    /** The tokens that ParlAI never says are out of the question here, too: the start, and rows beyond its dictionary. */
    @ParameterizedTest
    @ValueSource(strings = {"xlm", "prelayernorm"})
    void anImportedGeneratorComputesParlaisLogits(String variant) throws IOException {
        Path source = GOLDEN.resolve("generator-" + variant), out = folder.resolve("hub");
        ParlaiImport.of(source).write(out, JsonNodeFactory.instance.objectNode(), false);
        JsonNode golden = golden("generator-" + variant);
        int[] reply = ints(golden.get("target_ids").get(0));
        try (Engine engine = Engine.simd(1);
                LanguageModelFiles files = LanguageModelFiles.open(out);
                LanguageModel model = files.load(engine);
                KeyValueCache cache = model.cache()) {
            Sequence sequence = cache.begin();
            float[] logits = cache.read(List.of(sequence), List.of(ints(golden.get("source_ids").get(0))))[0];
            for (int t = 0; t < reply.length; t++) {
                JsonNode expected = golden.get("logits").get(0).get(t);
                float largest = 0;
                for (int id = 2; id < expected.size(); id++) {
                    largest = Math.max(largest, Math.abs(expected.get(id).floatValue()));
                }
                for (int id = 0; id < logits.length; id++) {
                    if (id == 1 || id >= expected.size()) assertTrue(logits[id] < -1e19f, "token " + id);
                    else assertEquals(expected.get(id).floatValue(), logits[id], 1e-4 * largest, "token " + id);
                }
                logits = cache.append(List.of(sequence), List.of(new int[]{reply[t]}))[0];
            }
        }
    }

    private static void assertSame(TensorFile given, String name, TensorFile written, String other) {
        assertArrayEquals(given.read(name).toFloats(), written.read(other).toFloats(), other);
    }

    @Test
    void whatIsWrongIsNamedWithItsFileAndNothingIsWritten() throws IOException {
        assertRefused(changed("biencoder", options -> options.put("variant", "odd")), "model.opt", "variant \"odd\"");
    }

    @ParameterizedTest
    @CsvSource({"model,'\"transformer/image_polyencoder\"'", "activation,'\"swish\"'", "share_encoders,true",
        "reduction_type,'\"max\"'", "use_memories,true", "dict_tokenizer,'\"re\"'", "dict_max_ngram_size,3",
        "person_tokens,true", "output_scaling,0", "history_reversed,true"})
    void optionsThatChangeTheResultAreRefusedByName(String option, String value) throws IOException {
        JsonNode parsed = JSON.readTree(value);
        assertRefused(changed("biencoder", options -> options.set(option, parsed)), "model.opt", option);
    }

    @ParameterizedTest
    @CsvSource({"poly_attention_type,'\"sqrt\"'", "polyencoder_type,'\"n_first\"'",
        "codes_attention_type,'\"multihead\"'"})
    void attentionsThatArePolyencodersToo(String option, String value) throws IOException {
        JsonNode parsed = JSON.readTree(value);
        assertRefused(changed("polyencoder", options -> options.set(option, parsed)), "model.opt", option);
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        for (String missing : List.of("model.dict", "model.dict.codecs")) {
            Path copy = copy("biencoder");
            Files.delete(copy.resolve(missing));
            assertRefused(copy, missing, "there is no such file");
            try (Stream<Path> files = Files.list(copy)) {
                for (Path file : files.toList()) Files.delete(file);
            }
            Files.delete(copy);
        }
    }

    @Test
    void anotherModelsDictionaryIsRefused() throws IOException {
        Path copy = copy("biencoder");
        Path dictionary = copy.resolve("model.dict");
        Files.writeString(dictionary, Files.readString(dictionary) + "unheard\t1\n");
        assertRefused(copy, "model.dict", "has 121 tokens, context_encoder.embeddings.weight in model has 120 rows");
        Files.writeString(dictionary, "word\tmany\n");
        assertRefused(copy, "model.dict:1", "the count \"many\" is no number");
    }

    @Test
    void damagedCodesAreRefusedAtTheirLine() throws IOException {
        Path copy = copy("biencoder");
        Path codes = copy.resolve("model.dict.codecs");
        String text = Files.readString(codes);
        Files.writeString(codes, text.replaceFirst("\n", "\na b c\n"));
        assertRefused(copy, "model.dict.codecs:2", "not of two pieces");
        Files.writeString(codes, text.replaceFirst("0.2", "0.1"));
        assertRefused(copy, "model.dict.codecs:1", "#version: 0.2");
    }

    @Test
    void cutAndHostileCheckpointsAreRefused() throws IOException {
        Path copy = copy("biencoder");
        Path model = copy.resolve("model");
        byte[] whole = Files.readAllBytes(model);
        Files.write(model, Arrays.copyOf(whole, whole.length / 2));
        assertRefused(copy, "model", "cut or damaged");
        String hostile = new String(whole, StandardCharsets.ISO_8859_1).replaceFirst(
                "ctorch._utils\n_rebuild_tensor_v2",
                "csubprocess.a\ngetstatusoutput_ab");
        Files.write(model, hostile.getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(copy, "model: at byte ", "which is never run");
    }

    @Test
    void sizesThatContradictTheOptionsAreReportedAndNothingIsWritten() throws IOException {
        Path copy = changed("biencoder", options -> options.put("ffn_size", 44).put("n_layers", 3));
        ParlaiImport work = ParlaiImport.of(copy);
        assertFalse(work.report().isUsable());
        assertTrue(work.report().missing().contains("context_encoder.layers.2.norm1.weight"));
        assertTrue(work.report().summary().contains("ffn.lin1.weight is to be [44, 24], the file has"));
        assertRefused(copy, "model", "does not fit the model");
    }

    private void assertRefused(Path source, String where, String problem) {
        Path out = folder.resolve("refused");
        String message = assertThrows(BadInput.class, () -> ParlaiImport.of(source).write(out,
                JsonNodeFactory.instance.objectNode(), false)).getMessage();
        assertTrue(message.startsWith(source.resolve(where).toString()), message);
        assertTrue(message.contains(problem), message);
        assertFalse(Files.exists(out));
    }
}
