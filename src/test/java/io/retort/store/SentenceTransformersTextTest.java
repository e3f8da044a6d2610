package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.graph.Engine;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.RetrievalModel;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which encoders and texts a folder is of: families, tokens, lengths, prompts. */
class SentenceTransformersTextTest extends SentenceTransformersFixture {
    private static final String WORDS = "embeddings.word_embeddings.weight";
    private static final String POSITIONS = "embeddings.position_embeddings.weight";
    private static final String TYPES = "embeddings.token_type_embeddings.weight";

    @ParameterizedTest
    @CsvSource({"'{\"max_seq_length\": 7}', '{\"model_max_length\": 9}', 7", "'{}', '{\"model_max_length\": 9}', 9",
        "'{\"max_seq_length\": null}', '{\"model_max_length\": 1e30}', 40", "'{\"max_seq_length\": 500}', '{}', 40"})
    void textsAreCutWhereTheFilesSay(String settings, String tokenizer, int limit) throws IOException {
        transformerAndPooling("mean_tokens");
        write("sentence_bert_config.json", settings);
        write("tokenizer_config.json", tokenizer);
        ModelConfig config = ModelFolder.open(folder).config();
        assertEquals(limit, config.text().maxContextTokens());
        assertEquals(limit, config.text().maxReplyTokens());
        assertEquals(settings.contains("500"),
                ModelFolder.open(folder).notes().toString().contains("positions for 40 tokens"));
        assertVectors(x -> x, limit, "mean_tokens");
    }

    @Test
    void textsArePutIntoSmallLettersWhereTheFilesSay() throws IOException {
        transformerAndPooling("mean_tokens");
        write("sentence_bert_config.json", "{\"do_lower_case\": true}");
        Path imported = root.resolve("lower");
        ModelImport.of(folder, null, ModelImport.Leniency.STRICT).write(imported,
                JsonNodeFactory.instance.objectNode());
        for (Path path : List.of(folder, imported)) {
            try (RetrievalModel model = ModelFolder.open(path).load(Engine.stock())) {
                assertArrayEquals(model.inputs().reply("w5 w6"), model.inputs().reply("W5 w6"));
            }
        }
        write("sentence_bert_config.json", "{\"do_lower_case\": false}");
        try (RetrievalModel model = ModelFolder.open(folder).load(Engine.stock())) {
            assertFalse(Arrays.equals(model.inputs().reply("w5 w6"), model.inputs().reply("W5 w6")));
        }
    }

    @Test
    void theTokenizersSettingsReplaceItsNormalizersAsTransformersDoes() throws IOException {
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(folder.resolve("tokenizer.json").toFile());
        tokenizer.putObject("normalizer").put("type", "BertNormalizer").put("clean_text", true)
                .put("handle_chinese_chars", true).put("lowercase", false).putNull("strip_accents");
        write("tokenizer.json", tokenizer.toString());
        transformerAndPooling("mean_tokens");
        for (boolean lower : new boolean[]{true, false}) {
            write("tokenizer_config.json", "{\"tokenizer_class\": \"BertTokenizerFast\", \"do_lower_case\": " + lower
                    + "}");
            try (RetrievalModel model = ModelFolder.open(folder).load(Engine.stock())) {
                assertEquals(lower, Arrays.equals(model.inputs().reply("w5"), model.inputs().reply("W5")));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"'{\"type\": \"BertProcessing\", \"sep\": [\"w20\", 20], \"cls\": [\"w21\", 21]}', w21, w20",
        "'{\"type\": \"RobertaProcessing\", \"sep\": [\"w20\", 20], \"cls\": [\"w21\", 21]}', w21, w20",
        "'{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, {\"type\": \"TemplateProcessing\", "
                + "\"single\": [{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"w20\"}}]}]}', '', w20",
        "null, '', ''"})
    void theTokenizersOwnTokensStandAroundATextAndNoOthers(String processor, String start, String end)
            throws IOException {
        tokenizer(processor);
        transformerAndPooling("cls_token");
        ModelFolder opened = ModelFolder.open(folder);
        assertEquals(List.of(start, end, end, "[PAD]"), List.of(opened.config().text().startToken(),
                opened.config().text().endToken(), opened.config().text().turnSeparator(),
                opened.config().text().padToken()));
        assertEquals(processor.equals("null"), opened.notes().toString().contains("no post_processor"));
    }

    @ParameterizedTest
    @CsvSource({"'{}', '', ''", "'{\"prompts\": {\"query\": \"w30 \", \"passage\": \"w31 \"}}', 'w30 ', 'w31 '",
        "'{\"prompts\": {\"a\": \"w32 \", \"query\": \"w30 \"}, \"default_prompt_name\": \"a\"}', 'w32 ', 'w32 '",
        "'{\"prompts\": {\"query\": \"w30 \", \"document\": \"\"}, \"default_prompt_name\": null}', 'w30 ', ''"})
    void promptsStandBeforeTexts(String config, String ofContexts, String ofReplies) throws IOException {
        transformerAndPooling("mean_tokens");
        write("config_sentence_transformers.json", config);
        ModelFolder opened = ModelFolder.open(folder);
        assertEquals(ofContexts, opened.config().text().contextPrefix());
        assertEquals(ofReplies, opened.config().text().replyPrefix());
        assertEquals(!ofContexts.isEmpty(), opened.notes().toString().contains("prompt"));
    }

    @Test
    void anEncoderAloneIsPooledByTheMeanAndThatIsTold() throws IOException {
        ModelFolder opened = ModelFolder.open(folder);
        assertTrue(opened.notes().getFirst().contains("no modules.json"), opened.notes().toString());
        Path imported = root.resolve("bare");
        ModelImport.of(folder, null, ModelImport.Leniency.STRICT).write(imported,
                JsonNodeFactory.instance.objectNode());
        assertEquals(opened.notes(), ModelFolder.open(imported).notes());
        write("1_Pooling/config.json", "{\"pooling_mode\": \"cls\"}");
        assertRefused("1_Pooling");
    }

    @Test
    void robertaCountsPositionsFromItsPaddingOn() throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        write("config.json", config.put("model_type", "xlm-roberta").put("pad_token_id", 1).toString());
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(weights);
        weights.clear();
        own.forEach((name, tensor) -> weights.put("roberta." + name, tensor));
        save();
        weights.clear();
        weights.putAll(own);
        transformerAndPooling("mean_tokens");
        // The reference counts from 0: it is given the table without the rows that stand for padding.
        float[] table = own.get(POSITIONS).toFloats();
        float[] shifted = Arrays.copyOfRange(table, 2 * DIM, table.length);
        weights.put(POSITIONS, Tensor.of(shifted, 38, DIM));
        assertEquals(38, ModelFolder.open(folder).config().encoder().maxTokens());
        assertVectors(x -> x, 38, "mean_tokens");
    }

    @Test
    void distilBertIsBertWithoutTokenTypes() throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        ObjectNode distil = JSON.createObjectNode().put("model_type", "distilbert").put("dim", DIM)
                .put("n_layers", ENCODER.layers()).put("n_heads", ENCODER.heads())
                .put("hidden_dim", ENCODER.feedForward()).put("activation", "gelu");
        distil.set("vocab_size", config.get("vocab_size"));
        distil.set("max_position_embeddings", config.get("max_position_embeddings"));
        write("config.json", distil.toString());
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(weights);
        own.put(TYPES, Tensor.of(new float[2 * DIM], 2, DIM));
        weights.clear();
        own.forEach((name, tensor) -> {
            if (name.equals(TYPES)) return;
            weights.put("distilbert." + name.replace("encoder.layer", "transformer.layer")
                    .replace("attention.self.query", "attention.q_lin").replace("attention.self.key", "attention.k_lin")
                    .replace("attention.self.value", "attention.v_lin")
                    .replace("attention.output.dense", "attention.out_lin")
                    .replace("attention.output.LayerNorm", "sa_layer_norm")
                    .replace("intermediate.dense", "ffn.lin1").replace(".output.dense", ".ffn.lin2")
                    .replace(".output.LayerNorm", ".output_layer_norm"), tensor);
        });
        weights.put("vocab_projector.bias", Tensor.of(new float[3], 3));
        save();
        weights.clear();
        weights.putAll(own);
        transformerAndPooling("cls_token");
        assertVectors(x -> x, 40, "cls_token");
    }

    @Test
    void encodersInShardsAreRead() throws IOException {
        transformerAndPooling("mean_tokens");
        SequencedMap<String, Tensor> rest = new LinkedHashMap<>(weights);
        SequencedMap<String, Tensor> first = new LinkedHashMap<>();
        first.put(WORDS, rest.remove(WORDS));
        Files.delete(folder.resolve("model.safetensors"));
        SafetensorsWriter.write(folder.resolve("a.safetensors"), first, Map.of());
        SafetensorsWriter.write(folder.resolve("b.safetensors"), rest, Map.of());
        ObjectNode map = JSON.createObjectNode();
        weights.keySet().forEach(name -> map.put(name, first.containsKey(name) ? "a.safetensors" : "b.safetensors"));
        write("model.safetensors.index.json", JSON.createObjectNode().set("weight_map", map).toString());
        String before = ModelFolder.open(folder).fingerprint();
        assertVectors(x -> x, 40, "mean_tokens");
        first.put(WORDS, Tensor.of(new float[50 * DIM], 50, DIM));
        SafetensorsWriter.write(folder.resolve("a.safetensors"), first, Map.of());
        assertNotEquals(before, ModelFolder.open(folder).fingerprint());
    }
}
