package io.retort.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.retrieval.Similarity;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands after the Transformer: vectors equal the equations, as the folder is, imported, and exported again. */
class SentenceTransformersFolderTest extends SentenceTransformersFixture {
    @ParameterizedTest
    @ValueSource(strings = {"cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
        "lasttoken", "cls_token mean_tokens", "cls_token max_tokens mean_tokens mean_sqrt_len_tokens "
                + "weightedmean_tokens lasttoken",
        "max_tokens lasttoken"})
    void everyPoolingAndSeveralSideBySideAreThoseOfTheEquations(String modes) throws IOException {
        transformerAndPooling(modes.split(" "));
        module("2_Normalize", "Normalize", "");
        assertVectors(SentenceTransformersFixture::unit, 40, modes.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear.Identity", "activation.Tanh", "activation.GELU", "activation.ReLU",
        "activation.Sigmoid", "activation.SiLU"})
    void denseLayersFollowThePooling(String activation) throws IOException {
        transformerAndPooling("mean_tokens", "cls_token");
        Map<String, Tensor> first = dense("2_Dense", 2 * DIM, 10, true, activation);
        module("3_Dropout", "Dropout", "{\"dropout\": 0.5}");
        Map<String, Tensor> second = dense("4_Dense", 10, 7, false, "linear.Identity");
        module("5_Normalize", "Normalize", "");
        assertVectors(x -> unit(dense(dense(x, first, activation), second, "linear.Identity")), 40, "cls_token",
                "mean_tokens");
    }

    /** The same numbers, by the same hand: PyTorch wrote both files. */
    @Test
    void aFileOfPyTorchIsReadWhereThereAreNoSafetensors() throws IOException {
        Path written = Path.of("src/test/resources/io/retort/store/dense");
        transformerAndPooling("mean_tokens");
        dense("2_Dense", DIM, 4, true, "activation.Tanh");
        Files.delete(folder.resolve("2_Dense/model.safetensors"));
        Files.copy(written.resolve("pytorch_model.bin"), folder.resolve("2_Dense/pytorch_model.bin"));
        Map<String, Tensor> layer = new LinkedHashMap<>();
        try (TensorFile file = TensorFile.open(written.resolve("model.safetensors"))) {
            for (String name : file.tensors().keySet()) {
                Tensor tensor = file.read(name);
                layer.put(name, Tensor.of(tensor.toFloats(), tensor.shape().toArray()));
            }
        }
        assertVectors(x -> dense(x, layer, "activation.Tanh"), 40, "mean_tokens");
    }

    @Test
    void aDenseLayerMayFollowAMaximumOrAScalingToLengthOne() throws IOException {
        transformerAndPooling("max_tokens");
        module("2_Normalize", "Normalize", "");
        Map<String, Tensor> layer = dense("3_Dense", DIM, 5, true, "activation.Tanh");
        assertVectors(x -> dense(unit(x), layer, "activation.Tanh"), 40, "max_tokens");
    }

    @ParameterizedTest
    @CsvSource({"cosine, COSINE", "dot, DOT", "'', COSINE"})
    void withoutNormalizeVectorsStayAsTheyAreAndTheSimilarityRanks(String name, Similarity similarity)
            throws IOException {
        transformerAndPooling("mean_tokens");
        write("config_sentence_transformers.json",
                "{\"similarity_fn_name\": " + (name.isEmpty() ? "null" : "\"" + name + "\"") + "}");
        assertEquals(similarity, ModelFolder.open(folder).config().similarity());
        assertEquals(name.isEmpty(), !ModelFolder.open(folder).notes().isEmpty());
        assertVectors(x -> x, 40, "mean_tokens");
    }

    @Test
    void vectorsOfLengthOneByDotProductAreThoseByCosine() throws IOException {
        transformerAndPooling("mean_tokens");
        module("2_Normalize", "Normalize", "");
        write("config_sentence_transformers.json", "{\"similarity_fn_name\": \"dot\"}");
        assertVectors(SentenceTransformersFixture::unit, 40, "mean_tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"pooling_mode\": \"mean\"}", "{\"pooling_mode_mean_tokens\": true, "
            + "\"pooling_mode_lasttoken\": null, \"include_prompt\": true}"})
    void theMeanIsTakenWhereNothingElseIsSaid(String config) throws IOException {
        module("", "Transformer", "");
        module("1_Pooling", "Pooling", config);
        assertVectors(x -> x, 40, "mean_tokens");
    }

    @Test
    void placesAndTypesOfOldAndNewVersionsAreKnown() throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.createDirectories(folder.resolve("parts/0_Transformer"));
            Files.move(folder.resolve(name), folder.resolve("parts/0_Transformer").resolve(name));
        }
        write("parts/0_Transformer/sentence_distilbert_config.json", "{\"max_seq_length\": 5}");
        module("parts/0_Transformer", "sentence_transformers.models.Transformer.Transformer", "");
        module("somewhere-else", "sentence_transformers.models.Pooling.Pooling", "{\"pooling_mode\": \"cls\"}");
        module("3", "sentence_transformers.sentence_transformer.modules.normalize.Normalize", "");
        assertVectors(SentenceTransformersFixture::unit, 5, "cls_token");
    }

    @Test
    void poolingWithoutThePromptIsRefusedIfThereIsAPrompt() throws IOException {
        module("", "Transformer", "");
        module("1_Pooling", "Pooling", "{\"include_prompt\": false}");
        assertVectors(x -> x, 40, "mean_tokens");
        write("config_sentence_transformers.json", "{\"prompts\": {\"query\": \"w30 \"}}");
        assertRefused("include_prompt");
    }

    @Test
    void newVersionsLetPoolingsStandInAnyOrder() throws IOException {
        module("", "sentence_transformers.base.modules.transformer.Transformer", "");
        module("1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
                "{\"embedding_dimension\": 24, \"pooling_mode\": [\"mean\", \"cls\", \"max\"]}");
        module("2_Normalize", "sentence_transformers.base.modules.normalize.Normalize",
                "{\"module_input_name\": \"sentence_embedding\"}");
        assertVectors(SentenceTransformersFixture::unit, 40, "mean_tokens", "cls_token", "max_tokens");
        write("2_Normalize/config.json", "{\"module_input_name\": \"token_embeddings\"}");
        assertRefused("token_embeddings");
    }
}
