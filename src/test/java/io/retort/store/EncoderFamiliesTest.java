package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.retrieval.GoldenFile;
import io.retort.retrieval.ModelConfig;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import io.retort.text.TokenBatch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A tiny model of each family of encoders as transformers saved it, and what it computed; made by
 * bench/peers/encoder_family_golden.py.
 */
class EncoderFamiliesTest {
    private static final Path MODELS = Path.of("src/test/resources/io/retort/retrieval/families");
    private static final double TOLERANCE = 1e-5;
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "mpnet-lm", "roberta", "xlm-roberta", "distilbert", "modernbert",
        "modernbert-lm"})
    void hiddenStatesEqualTransformers(String name) throws IOException {
        Path folder = MODELS.resolve(name);
        ModelConfig config = ModelConfigJson.read(folder.resolve(ModelFolder.CONFIG));
        try (TensorFile weights = TensorFile.open(folder.resolve(ModelFolder.WEIGHTS));
                TensorFile golden = TensorFile.open(folder.resolve("golden.safetensors"))) {
            WeightImport found = WeightImport.of(config, weights);
            assertTrue(found.report().isClean(), () -> found.report().summary());
            int[] lengths = ints(golden, "lengths");
            int[] ids = ints(golden, "ids");
            int time = ids.length / lengths.length;
            TokenBatch texts = new TokenBatch(ids, lengths, time, IntStream.range(0, lengths.length).toArray());
            float[] expected = golden.read("hidden").toFloats();
            int dim = config.encoder().dim();
            for (Engine engine : List.of(Engine.stock(), Engine.simd(1))) {
                float[] hidden = GoldenFile.hiddenStates(config, found.weights(), texts, engine);
                for (int text = 0; text < lengths.length; text++) {
                    for (int i = text * time * dim; i < (text * time + lengths[text]) * dim; i++) {
                        assertEquals(expected[i], hidden[i], TOLERANCE, name + ", element " + i);
                    }
                }
            }
        }
    }

    private static int[] ints(TensorFile file, String name) {
        return file.read(name).data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    /** What transformers saved of the bare encoder is what we write, by name, shape and value. */
    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "distilbert", "modernbert"})
    void parametersAreWrittenUnderTheNamesThatTheyWereReadUnder(String name) throws IOException {
        Path folder = MODELS.resolve(name);
        ModelConfig config = ModelConfigJson.read(folder.resolve(ModelFolder.CONFIG));
        try (TensorFile file = TensorFile.open(folder.resolve(ModelFolder.WEIGHTS))) {
            SequencedMap<String, Tensor> written = FusedWeights.joined(config.encoder().family(),
                    WeightImport.of(config, file).weights());
            assertEquals(file.parameters().keySet(), written.keySet().stream().sorted()
                    .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new)));
            written.forEach((key, tensor) -> {
                assertEquals(file.parameters().get(key).shape(), tensor.shape(), key);
                assertArrayEquals(file.parameter(key).toFloats(), tensor.toFloats(), key);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "roberta", "xlm-roberta", "distilbert", "modernbert", "modernbert-lm"})
    void configurationsReadBackAsTheyWereWritten(String name) throws IOException {
        ModelConfig config = ModelConfigJson.read(MODELS.resolve(name).resolve(ModelFolder.CONFIG));
        ObjectNode written = (ObjectNode) JSON.readTree(ModelConfigJson.write(config));
        assertEquals(config, ModelConfigJson.parse(written, Path.of("config.json")));
        // transformers 4 reads other keys for ModernBERT's layers than 5; either set alone says the same.
        if (!name.startsWith("modernbert")) return;
        ObjectNode four = written.deepCopy();
        four.remove(List.of("layer_types", "rope_parameters"));
        assertEquals(config, ModelConfigJson.parse(four, Path.of("config.json")));
        ObjectNode five = written.deepCopy();
        five.remove(List.of("global_rope_theta", "local_rope_theta", "global_attn_every_n_layers"));
        assertEquals(config, ModelConfigJson.parse(five, Path.of("config.json")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "mpnet | relative_attention_num_buckets | 16", "mpnet | hidden_act | \"relu\"",
        "mpnet | rope_theta | 10000", "mpnet | is_decoder | true", "roberta | position_embedding_type | \"rotary\"",
        "roberta | embedding_size | 8", "distilbert | activation | \"relu\"", "distilbert | pruned_heads | {\"0\":[1]}",
        "modernbert | attention_bias | true", "modernbert | mlp_bias | true", "modernbert | norm_bias | true",
        "modernbert | hidden_activation | \"silu\"", "modernbert | layer_types | [\"full_attention\"]",
        "modernbert | layer_types | [\"a\",\"full_attention\",\"full_attention\",\"full_attention\"]",
        "modernbert | local_attention | -8", "modernbert-lm | global_rope_theta | 0.5",
        "modernbert-lm | global_attn_every_n_layers | 0",
        "modernbert | rope_parameters | {\"full_attention\":{\"rope_type\":\"yarn\",\"rope_theta\":1e4}}"})
    void settingsThatWouldChangeWhatIsComputedAreRefusedByName(String name, String key, String value)
            throws IOException {
        String named = switch (key) {
            case "rope_parameters" -> "rope_type";
            case "global_rope_theta" -> "base of rotation";
            default -> key;
        };
        BadInput refused = refused(name, json -> json.putPOJO(key, read(value)));
        assertTrue(refused.getMessage().contains(named), refused.getMessage());
    }

    private static Object read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static BadInput refused(String name, Consumer<ObjectNode> change) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(MODELS.resolve(name).resolve(ModelFolder.CONFIG).toFile());
        change.accept(json);
        byte[] bytes = JSON.writeValueAsBytes(json);
        return assertThrows(BadInput.class, () -> ModelConfigJson.parse(JSON.readTree(bytes), Path.of("config.json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mpnet", "roberta", "distilbert", "modernbert"})
    void weightsThatDoNotFitTheConfigurationAreNamed(String name) throws IOException {
        WeightReport vocabulary = report(name, json -> json.put("vocab_size", 61));
        assertEquals(1, vocabulary.mismatched().size());
        assertTrue(vocabulary.mismatched().getFirst().contains("embeddings.weight is [61, 16], the file has"),
                vocabulary.mismatched().getFirst());
        String layers = name.equals("distilbert") ? "n_layers" : "num_hidden_layers";
        WeightReport deeper = report(name, json -> {
            json.put(layers, 5);
            json.remove("layer_types");
        });
        assertTrue(deeper.missing().stream().anyMatch(each -> each.contains("4.")), deeper.summary());
        WeightReport flatter = report(name, json -> {
            json.put(layers, 1);
            json.remove("layer_types");
        });
        assertTrue(flatter.isUsable() && !flatter.isClean(), flatter.summary());
        String inner = name.equals("distilbert") ? "hidden_dim" : "intermediate_size";
        assertTrue(report(name, json -> json.put(inner, 25)).summary().contains("the file has"));
    }

    private static WeightReport report(String name, Consumer<ObjectNode> change) throws IOException {
        Path folder = MODELS.resolve(name);
        ObjectNode json = (ObjectNode) JSON.readTree(folder.resolve(ModelFolder.CONFIG).toFile());
        change.accept(json);
        ModelConfig config = ModelConfigJson.parse(json, Path.of("config.json"));
        try (TensorFile file = TensorFile.open(folder.resolve(ModelFolder.WEIGHTS))) {
            return WeightImport.of(config, file).report();
        }
    }

    @Test
    void textsLongerThanAnEncodersPositionsAreRefused() throws IOException {
        for (Map.Entry<String, Integer> most : new LinkedHashMap<>(
                Map.of("mpnet", 74, "roberta", 40, "distilbert", 40, "modernbert", 80)).entrySet()) {
            ObjectNode json = (ObjectNode) JSON
                    .readTree(MODELS.resolve(most.getKey()).resolve(ModelFolder.CONFIG).toFile());
            ObjectNode text = json.putObject("retort").putObject("text");
            text.put("max_reply_tokens", 8).put("max_context_tokens", most.getValue());
            assertEquals(most.getValue(),
                    ModelConfigJson.parse(json, Path.of("config.json")).encoder().maxTokens());
            text.put("max_context_tokens", most.getValue() + 1);
            BadInput refused = assertThrows(BadInput.class,
                    () -> ModelConfigJson.parse(json, Path.of("config.json")));
            assertTrue(refused.getMessage().contains((most.getValue() + 1) + " tokens do not fit"),
                    refused.getMessage());
        }
    }
}
