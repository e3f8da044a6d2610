package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.retrieval.DotScoring;
import io.retort.retrieval.EncoderConfig;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.PolyScoring;
import io.retort.retrieval.Pooling;
import io.retort.retrieval.RandomModels;
import io.retort.retrieval.Similarity;
import io.retort.text.TextFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("config.json");
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void whatIsWrittenIsReadBackEqual(@ForAll("configs") ModelConfig config) throws IOException {
        JsonNode written = JSON.readTree(ModelConfigJson.write(config));
        assertEquals(config, ModelConfigJson.parse(written, Path.of("config.json")));
    }

    @Provide
    Arbitrary<ModelConfig> configs() {
        Arbitrary<EncoderConfig> encoders = Combinators.combine(sizes(1000), sizes(12), sizes(12), sizes(3000),
                Arbitraries.integers().between(50, 600), Arbitraries.doubles().between(0, 0.01).ofScale(9),
                Arbitraries.of(EncoderConfig.Activation.class), Arbitraries.of(EncoderConfig.NormPlacement.class))
                .as((vocabulary, heads, layers, inner, positions, epsilon, activation, norms) -> {
                    int offset = norms == EncoderConfig.NormPlacement.PRE ? 1 + positions % 3 : 0;
                    return new EncoderConfig(vocabulary, heads * 8, layers, heads, inner, positions, offset, 2, epsilon,
                            activation, norms);
                });
        Arbitrary<TextFormat> texts = Combinators.combine(Arbitraries.strings().ofMaxLength(6),
                Arbitraries.strings().alpha().ofMaxLength(6), sizes(20), Arbitraries.strings().ofMaxLength(6))
                .as((start, end, tokens, prefix) -> new TextFormat(start, end, "|", "[PAD]", 2 + tokens,
                        22 - tokens + 1,
                        prefix, "é" + prefix));
        return Combinators.combine(encoders, texts, Arbitraries.of(true, false), Arbitraries.of(Pooling.class),
                Arbitraries.of(Similarity.class), Arbitraries.integers().between(0, 400),
                Arbitraries.doubles().between(1e-3, 10).ofScale(6))
                .as((encoder, text, tied, pooling, similarity, codes, scaling) -> {
                    boolean poly = codes > 200;
                    Similarity measure = poly ? Similarity.DOT : similarity;
                    return new ModelConfig(poly ? new PolyScoring(codes) : new DotScoring(), encoder,
                            tied, pooling, measure, measure == Similarity.COSINE ? 1 : scaling, text);
                });
    }

    private static Arbitrary<Integer> sizes(int most) {
        return Arbitraries.integers().between(1, most);
    }

    @Test
    void withoutRetortsOwnKeysItIsASentenceEncoder() throws IOException {
        ObjectNode config = config();
        config.remove("retort");
        ModelConfig read = read(config);
        assertEquals(new DotScoring(), read.form());
        assertEquals(List.of(Pooling.MEAN), read.head().poolings());
        assertEquals(Similarity.COSINE, read.similarity());
        assertEquals(TextFormat.bert().withLengths(40, 40), read.text());
        config.put("model_type", "roberta-prelayernorm").put("pad_token_id", 1);
        assertEquals(new TextFormat("<s>", "</s>", "</s>", "<pad>", 38, 38, "", ""), read(config).text());
    }

    @ParameterizedTest
    @CsvSource({"model_type, gpt2", "hidden_act, relu", "position_embedding_type, relative_key"})
    void anUnknownKindOfEncoderIsRefused(String key, String value) throws IOException {
        assertRefused(config().put(key, value), key + " \"" + value + "\" is not supported");
    }

    @ParameterizedTest
    @CsvSource({"kind, tri-encoder", "pooling, max", "similarity, euclid"})
    void anUnknownChoiceIsRefusedWithTheKnownOnes(String key, String value) throws IOException {
        ObjectNode config = config();
        config.withObject("/retort").put(key, value);
        assertRefused(config, key + " \"" + value + "\" is not known; use one of [");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "\"32\"", "true", "[]", "12345678901", "1e2"})
    void aSizeThatIsNoWholeNumberIsRefused(String value) throws IOException {
        assertRefused(config().set("hidden_size", JSON.readTree(value)), "\"hidden_size\" is ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
        "intermediate_size", "max_position_embeddings", "type_vocab_size"})
    void aMissingSizeIsNamed(String key) throws IOException {
        ObjectNode config = config();
        config.remove(key);
        assertRefused(config, "lacks \"" + key + "\"");
        assertRefused(config.putNull(key), "lacks \"" + key + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings", "type_vocab_size"})
    void sizesOfNoEncoderAreRefusedBeforeAnythingIsMadeOfThem(String key) throws IOException {
        for (int size : new int[]{0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 2_000_000_000}) {
            assertRefused(config().put(key, size), "");
        }
    }

    @ParameterizedTest
    @CsvSource({"codes, 3", "codes, -3", "output_scaling, -1", "output_scaling, 0.5", "text, 5", "tied, 1"})
    void contradictionsAreRefused(String key, String value) throws IOException {
        ObjectNode config = config();
        config.withObject("/retort").set(key, JSON.readTree(value));
        assertRefused(config, "");
    }

    @Test
    void aTextFormatWithoutRoomIsRefusedWithTheFilesName() throws IOException {
        ObjectNode config = config();
        config.withObject("/retort/text").put("max_reply_tokens", 2);
        assertRefused(config, "maxReplyTokens");
        config.withObject("/retort/text").put("max_reply_tokens", 41);
        assertRefused(config, "do not fit into 40 positions");
    }

    @ParameterizedTest
    @CsvSource({"'{\n\"vocab_size\": 60,\n!', 3", "'{\n\"vocab_size\": 60', 2", "'{}\n{}', 2"})
    void brokenJsonIsRefusedWithItsLine(String json, int line) throws IOException {
        Files.writeString(file, json);
        String message = assertThrows(BadInput.class, () -> ModelConfigJson.read(file)).getMessage();
        assertTrue(message.startsWith(file + ":" + line + ": "), message);
    }

    @Test
    void whatIsNoJsonObjectIsRefused() throws IOException {
        byte[][] files = {{}, bytes("[]"), bytes("null"), bytes("\"retort\""), {(byte) 0xff, (byte) 0xfe, 0, 1},
            {0, 0, (byte) 0xff, (byte) 0xff, 1, 2, 3}, bytes("[".repeat(100_000)),
            "{\"a\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1)};
        for (byte[] bytes : files) {
            Files.write(file, bytes);
            String message = assertThrows(BadInput.class, () -> ModelConfigJson.read(file)).getMessage();
            assertTrue(message.startsWith(file.toString()), message);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aFileTooLargeForAConfigurationIsNotRead() throws IOException {
        Files.write(file, bytes(" ".repeat((1 << 20) + 1)));
        assertTrue(assertThrows(BadInput.class, () -> ModelConfigJson.read(file)).getMessage()
                .startsWith(file + ": is larger than a configuration can be"));
    }

    @Test
    void aMissingFileIsNamed() {
        assertTrue(assertThrows(BadInput.class, () -> ModelConfigJson.read(file)).getMessage()
                .startsWith(file + ": there is no such file"));
    }

    private static ObjectNode config() throws IOException {
        EncoderConfig encoder = RandomModels.encoder(EncoderConfig.NormPlacement.POST, EncoderConfig.Activation.GELU,
                1e-12);
        return (ObjectNode) JSON.readTree(ModelConfigJson.write(new ModelConfig(new DotScoring(), encoder,
                true, Pooling.MEAN, Similarity.COSINE, 1, RandomModels.TEXT)));
    }

    private ModelConfig read(JsonNode config) throws IOException {
        Files.write(file, JSON.writeValueAsBytes(config));
        return ModelConfigJson.read(file);
    }

    private void assertRefused(JsonNode config, String problem) {
        String message = assertThrows(BadInput.class, () -> read(config), config::toString).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains(problem), message);
    }
}
