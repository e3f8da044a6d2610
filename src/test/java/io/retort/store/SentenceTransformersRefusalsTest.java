package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would change a vector and is not known is refused by name. */
class SentenceTransformersRefusalsTest extends SentenceTransformersFixture {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"WordWeights|{}|\"sentence_transformers.models.WordWeights\"",
        "CNN|{}|\"sentence_transformers.models.CNN\"", "LayerNorm|{}|\"sentence_transformers.models.LayerNorm\"",
        "custom_st.Dense|{}|\"custom_st.Dense\"", "Transformer||Transformer", "Pooling|{}|Pooling",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.modules.activation.PReLU\"}"
                + "|activation_function \"torch.nn.modules.activation.PReLU\"",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"my.Tanh\"}|\"my.Tanh\"",
        "Dense|{\"in_features\": 24, \"activation_function\": \"torch.nn.Tanh\"}|out_features",
        "Dense|{\"in_features\": 24, \"out_features\": 0, \"activation_function\": \"torch.nn.Tanh\"}|to 0 dims",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.Tanh\", "
                + "\"module_input_name\": \"token_embeddings\"}|token_embeddings",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.Tanh\", \"rank\": 2}"
                + "|\"rank\"",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"use_residual\": true}|use_residual",
        "Dense|{\"in_features\": 24, \"out_features\": 3, \"activation_function\": \"torch.nn.Tanh\"}"
                + "|holds neither model.safetensors",
        "sentence_transformers|{}|\"sentence_transformers.models.sentence_transformers\""})
    void whatWouldChangeVectorsAndIsNotKnownIsRefusedByName(String type, String config, String named)
            throws IOException {
        transformerAndPooling("mean_tokens");
        module("2_Last", type, config == null ? "" : config);
        assertRefused(named);
    }

    @Test
    void aDenseLayerThatDoesNotTakeWhatComesBeforeItIsRefused() throws IOException {
        transformerAndPooling("mean_tokens");
        dense("2_Dense", DIM + 1, 4, true, "activation.Tanh");
        assertRefused("takes vectors of 25, and is given 24");
    }

    @Test
    void weightsOfADenseLayerThatAreMissingOrOfAnotherShapeAreRefused() throws IOException {
        transformerAndPooling("mean_tokens");
        SequencedMap<String, Tensor> layer = new LinkedHashMap<>(dense("2_Dense", DIM, 4, true, "activation.Tanh"));
        Path file = folder.resolve("2_Dense/model.safetensors");
        layer.put("linear.weight", random(1, DIM, 4));
        SafetensorsWriter.write(file, layer, Map.of());
        ModelFolder opened = ModelFolder.open(folder);
        assertTrue(assertThrows(BadInput.class, opened::check).getMessage().contains("shape: dense.0.weight"));
        layer.remove("linear.bias");
        SafetensorsWriter.write(file, layer, Map.of());
        assertTrue(assertThrows(BadInput.class, () -> opened.load(Engine.stock())).getMessage()
                .contains("missing: dense.0.bias"));
        Files.move(file, file.resolveSibling("pytorch_model.bin.index.json"));
        assertRefused("pytorch_model.bin.index.json");
    }

    @Test
    void aPickleThatAsksForSomethingToCallIsRefusedByItsName() throws IOException {
        transformerAndPooling("mean_tokens");
        dense("2_Dense", DIM, 4, true, "activation.Tanh");
        Files.delete(folder.resolve("2_Dense/model.safetensors"));
        String written = Files.readString(Path.of("src/test/resources/io/retort/store/dense/pytorch_model.bin"),
                StandardCharsets.ISO_8859_1);
        Files.writeString(folder.resolve("2_Dense/pytorch_model.bin"), written.replace(
                "torch._utils\n_rebuild_tensor_v2\n", "socketserver\nThreadingTCPServer\n"),
                StandardCharsets.ISO_8859_1);
        String message = assertThrows(BadInput.class, () -> ModelFolder.open(folder).check()).getMessage();
        assertTrue(message.contains("'socketserver.ThreadingTCPServer', which is never run"), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1_Pooling/config.json|{\"pooling_mode\": \"median\"}|\"median\"",
        "1_Pooling/config.json|{\"pooling_mode_attention\": true}|\"pooling_mode_attention\"",
        "1_Pooling/config.json|{\"pooling_mode_mean_tokens\": \"yes\"}|not true or false",
        "1_Pooling/config.json|{\"pooling_mode_mean_tokens\": false}|chooses no pooling",
        "1_Pooling/config.json|{|not valid JSON", "modules.json|{}|lists no modules",
        "modules.json|[]|lists no modules",
        "modules.json|[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}]|has no Pooling",
        "modules.json|[{\"path\": \"../x\", \"type\": \"sentence_transformers.models.Transformer\"}]|\"../x\"",
        "modules.json|[{\"path\": \"/etc\", \"type\": \"sentence_transformers.models.Transformer\"}]|\"/etc\"",
        "modules.json|[{\"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}]|Pooling module",
        "sentence_bert_config.json|{\"max_seq_length\": -1}|max_seq_length",
        "sentence_bert_config.json|{\"max_seq_length\": 2}|max", "sentence_bert_config.json|{\"window\": 2}|\"window\"",
        "sentence_bert_config.json|{\"module_output_name\": \"scores\"}|scores",
        "sentence_bert_config.json|{\"modality_config\": {\"text\": {\"method_output_name\": \"pooler_output\"}}}"
                + "|pooler_output",
        "sentence_bert_config.json|{\"query_length\": 9}|\"query_length\"",
        "sentence_bert_config.json|{\"model_args\": {\"num_hidden_layers\": 1}}|\"num_hidden_layers\"",
        "config_sentence_transformers.json|{\"similarity_fn_name\": \"euclidean\"}|\"euclidean\"",
        "config_sentence_transformers.json|{\"default_prompt_name\": \"x\"}|\"x\", and no such prompt",
        "config_sentence_transformers.json|{\"truncate_dim\": 8}|truncate_dim 8",
        "config_sentence_transformers.json|{\"model_type\": \"SparseEncoder\"}|SparseEncoder",
        "adapter_config.json|{}|adapters", "config.json|{\"model_type\": \"deberta-v2\"}|\"deberta-v2\""})
    void filesThatAskForSomethingElseAreRefused(String file, String content, String named) throws IOException {
        transformerAndPooling("mean_tokens");
        write(file, content);
        assertRefused(named);
    }
}
