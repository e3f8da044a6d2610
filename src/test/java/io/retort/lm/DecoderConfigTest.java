package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations that no decoder can have, one wrong field at a time: each is refused by a message that says which. */
class DecoderConfigTest {
    private static final Path FILE = Path.of("config.json");

    private static ObjectNode config(String family) throws IOException {
        Path golden = Path.of("src/test/resources/io/retort/lm", "tiny-" + family, "config.json");
        return (ObjectNode) ConfigFields.read(golden);
    }

    @Test
    void theConfigurationsThatAreSpoiltHereAreGoodOnes() throws IOException {
        DecoderConfigJson.parse(FILE, config("llama"), DecoderFamilies.KNOWN);
        DecoderConfigJson.parse(FILE, config("gpt2"), DecoderFamilies.KNOWN);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
        "llama | hidden_act | '\"gelu\"' | hidden_act", "llama | sliding_window | 7 | sliding_window",
        "llama | attn_logit_softcapping | 30 | attn_logit_softcapping",
        "llama | num_attention_heads | 0 | num_attention_heads",
        "llama | num_attention_heads | '\"4\"' | num_attention_heads", "llama | vocab_size | 0 | vocabulary",
        "llama | vocab_size | -1 | vocabulary", "llama | vocab_size | 2147483647 | vocabulary",
        "llama | hidden_size | 0 | vectors", "llama | hidden_size | 1e3 | hidden_size",
        "llama | hidden_size | 70000 | vectors", "llama | num_hidden_layers | 0 | layers",
        "llama | num_hidden_layers | 5000 | layers", "llama | num_key_value_heads | 0 | key/value heads",
        "llama | num_key_value_heads | 3 | key/value heads", "llama | head_dim | 0 | heads",
        "llama | head_dim | 5 | heads", "llama | head_dim | 16384 | heads of 16384",
        "llama | intermediate_size | 0 | feed-forward",
        "llama | max_position_embeddings | 0 | context",
        "llama | max_position_embeddings | 2000000000 | context",
        "llama | rms_norm_eps | 2 | epsilon", "llama | rms_norm_eps | -1 | epsilon",
        "llama | rope_parameters | '{\"rope_theta\": 0}' | rotary base",
        "llama | rope_parameters | '{\"rope_type\": \"yarn\"}' | rope_type",
        "llama | rope_scaling | '{\"type\": \"linear\"}' | rope_type",
        "llama | partial_rotary_factor | 0.5 | partial_rotary_factor",
        "llama | layer_types | '[\"chunked_attention\"]' | layer_types",
        "llama | tie_word_embeddings | 1 | tie_word_embeddings", "gpt2 | activation_function | '\"relu\"' | activation",
        "gpt2 | scale_attn_by_inverse_layer_idx | true | scale_attn_by_inverse_layer_idx",
        "gpt2 | add_cross_attention | true | add_cross_attention",
        "gpt2 | scale_attn_weights | false | scale_attn_weights",
        "gpt2 | n_head | 5 | n_head", "gpt2 | n_head | 0 | n_head", "gpt2 | n_embd | 0 | vectors",
        "gpt2 | n_layer | 0 | layers", "gpt2 | n_inner | -4 | feed-forward", "gpt2 | n_positions | 0 | context",
        "gpt2 | layer_norm_epsilon | 1 | epsilon", "gpt2 | vocab_size | 0 | vocabulary"})
    void aWrongFieldIsRefusedAndNamed(String family, String field, String value, String named) throws IOException {
        ObjectNode config = config(family);
        config.set(field, new ObjectMapper().readTree(value));
        BadInput refusal = assertThrows(BadInput.class,
                () -> DecoderConfigJson.parse(FILE, config, DecoderFamilies.KNOWN));
        assertTrue(refusal.getMessage().contains(named) && refusal.getMessage().contains("config.json"),
                refusal::getMessage);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
                "max_position_embeddings"})
    void aMissingFieldIsRefusedAndNamed(String field) throws IOException {
        ObjectNode config = config("llama");
        config.remove(field);
        BadInput refusal = assertThrows(BadInput.class,
                () -> DecoderConfigJson.parse(FILE, config, DecoderFamilies.KNOWN));
        assertTrue(refusal.getMessage().contains(field), refusal::getMessage);
    }
}
