package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.ConfigFields;
import io.retort.generate.TinyGguf;
import io.retort.tensor.GgufBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a configuration leaves open, says twice, or says as null is taken as transformers takes it, and of GGUF files as
 * llama.cpp does; what they would not compute is refused.
 */
class SilentSettingsTest {
    private static final Path FAMILIES = Path.of("src/test/resources/io/retort/lm/families");
    private static final Path FILE = Path.of("config.json");

    @TempDir
    Path folder;

    private static DecoderConfig hub(String golden, Consumer<ObjectNode> change) throws IOException {
        ObjectNode config = (ObjectNode) ConfigFields.read(FAMILIES.resolve(golden).resolve("config.json"));
        change.accept(config);
        return DecoderConfigJson.parse(FILE, config, DecoderFamilies.KNOWN);
    }

    private static void refused(String named, String golden, Consumer<ObjectNode> change) {
        String told = assertThrows(BadInput.class, () -> hub(golden, change)).getMessage();
        assertTrue(told.contains(named), told);
    }

    private DecoderConfig gguf(UnaryOperator<GgufBytes> more) throws IOException {
        Path file = TinyGguf.write(folder.resolve("model.gguf"), bytes -> more.apply(TinyGguf.shapes(bytes)));
        try (LanguageModelFiles files = LanguageModelFiles.open(file)) {
            return files.config();
        }
    }

    private static List<Float> frequencies(DecoderConfig config) {
        Rotation rotation = config.family().rotations(config).getFirst();
        return IntStream.range(0, rotation.dims() / 2).mapToObj(rotation::frequency).toList();
    }

    private static float amplitude(DecoderConfig config) {
        return config.family().rotations(config).getFirst().amplitude();
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"phi3, 1e-5", "llama3, 1e-6", "qwen3, 1e-6", "gemma3, 1e-6", "granite, 1e-6"})
    void theEpsilonOfNormsIsTheFamilys(String golden, double epsilon) throws IOException {
        assertEquals(epsilon, hub(golden, config -> config.remove("rms_norm_eps")).normEpsilon());
    }

    @ParameterizedTest
    @CsvSource({"llama3, 10000", "smollm3, 2000000", "gemma3, 1000000", "mistral, 10000"})
    void theBaseOfRotationIsTheFamilys(String golden, double theta) throws IOException {
        assertEquals(theta, hub(golden, config -> config.remove("rope_parameters")).ropeTheta());
    }

    @ParameterizedTest
    @CsvSource({"gemma2, true", "gemma3, true", "smollm3, true", "qwen3, false", "granite, false", "phi3, false"})
    void embeddingsAreTiedWhereTheFamilyTiesThem(String golden, boolean tied) throws IOException {
        assertEquals(tied, hub(golden, config -> config.remove("tie_word_embeddings")).tied());
    }

    @Test
    void aWindowOfNullIsNone() throws IOException {
        for (String golden : List.of("qwen2-window", "mistral", "gemma2", "gemma3", "phi3")) {
            DecoderConfig config = hub(golden, json -> {
                json.putNull("sliding_window").put("use_sliding_window", true);
                json.remove("layer_types");
            });
            for (int layer = 0; layer < config.layers(); layer++) {
                assertEquals(0, config.family().window(config, layer), golden);
            }
        }
    }

    @Test
    void aWindowThatGemmaAndMistralLeaveOutIsOf4096Tokens() throws IOException {
        for (String golden : List.of("mistral", "gemma2", "gemma3")) {
            DecoderConfig config = hub(golden, json -> json.remove("sliding_window"));
            assertEquals(4096, config.family().window(config, 0), golden);
        }
    }

    @Test
    void kindsOfLayersThatTheReferenceDoesNotLookAtAreRefusedWhereTheySayOtherwise() {
        refused("layer_types full_attention beside sliding_window 5", "mistral",
                json -> json.putArray("layer_types").add("full_attention"));
        refused("layer_types sliding_attention beside sliding_window 0", "phi3", json -> json.putNull("sliding_window")
                .putArray("layer_types").add("sliding_attention"));
    }

    @Test
    void aCapOfOneIsACap() {
        refused("final_logit_softcapping", "llama3", json -> json.put("final_logit_softcapping", 1.0));
    }

    @Test
    void aRotationOfSomeLayersThatTheFamilyDoesNotHaveIsRefused() {
        refused("rope_parameters of sliding_attention", "qwen2-window", json -> json.set("rope_parameters", json("""
                {"full_attention": {"rope_theta": 100.0}, "sliding_attention": {"rope_theta": 7.0}}""")));
    }

    @Test
    void anOlderScalingComesBeforeTheNewerParameters() throws IOException {
        DecoderConfig expected = hub("qwen2", json -> json.set("rope_parameters", json("""
                {"rope_type": "linear", "factor": 2.0, "rope_theta": 100.0}""")));
        DecoderConfig both = hub("qwen2", json -> json.set("rope_scaling", json("""
                {"type": "linear", "factor": 2.0}""")));
        assertEquals(frequencies(expected), frequencies(both));
    }

    @Test
    void aYarnFactorOfNullIsTheRatioOfTheLengthsAndTheOriginalBesideComesFirst() throws IOException {
        DecoderConfig four = hub("llama-yarn", json -> {});
        assertEquals(4, ((RotaryScaling.Yarn) ((RotaryFamily.Traits) four.own()).scaling()).factor());
        ObjectNode scaling = json("""
                {"rope_type": "yarn", "factor": null, "beta_fast": 2.0, "beta_slow": 0.1, "rope_theta": 100.0,
                 "original_max_position_embeddings": 3}""");
        DecoderConfig ratio = hub("llama-yarn", json -> json.put("original_max_position_embeddings", 16)
                .set("rope_parameters", scaling));
        assertEquals(frequencies(four), frequencies(ratio));
        assertEquals(1 + 0.1 * Math.log(4), amplitude(ratio), 1e-6);
    }

    @Test
    void phisOriginalLengthIs4096AndItsOldYarnIsLongRope() throws IOException {
        DecoderConfig config = hub("phi3", json -> {
            json.put("max_position_embeddings", 8192).remove("original_max_position_embeddings");
            json.withObject("rope_parameters").put("rope_type", "yarn");
        });
        assertEquals(4096, config.positions());
        assertEquals(Math.sqrt(1 + Math.log(2) / Math.log(4096)), amplitude(config), 1e-6);
        DecoderConfig factor = hub("phi3", json -> json.withObject("rope_parameters").put("factor", 4.0));
        assertEquals(Math.sqrt(1 + Math.log(4) / Math.log(32)), amplitude(factor), 1e-6);
    }

    @Test
    void aScalingThatTurnsNothingOrForEverIsRefused() {
        for (String factor : List.of("0", "-4", "1e-300")) {
            refused("scaling of rotation is wrong", "llama-linear", json -> json.set("rope_parameters",
                    json("{\"rope_type\": \"linear\", \"factor\": " + factor + ", \"rope_theta\": 100.0}")));
        }
        refused("YaRN by a factor of 4.0", "llama-yarn", json -> json.withObject("rope_parameters")
                .put("beta_slow", -1.0));
    }

    @Test
    void scalingInGgufIsLinearUnlessTheFileSaysThatThereIsNone() throws IOException {
        UnaryOperator<GgufBytes> factor = bytes -> bytes.real("llama.rope.scaling.factor", 4);
        List<Float> plain = frequencies(gguf(UnaryOperator.identity())), slower = frequencies(gguf(factor));
        assertEquals(plain.getFirst() / 4, slower.getFirst());
        assertEquals(plain, frequencies(gguf(bytes -> factor.apply(bytes).string("llama.rope.scaling.type", "none"))));
        assertEquals(slower, frequencies(gguf(bytes -> factor.apply(bytes).string("llama.rope.scaling.type", "linear")
                .bool("llama.rope.scaling.finetuned", true))));
    }

    @Test
    void factorsOfEachFrequencyInGgufAreTimesTheFactorOfAll() throws IOException {
        UnaryOperator<GgufBytes> factors = bytes -> bytes.tensor("rope_freqs.weight", new float[]{3}, 1);
        assertEquals(List.of(1 / 3f), frequencies(gguf(factors)));
        assertEquals(List.of(1 / 6f), frequencies(gguf(bytes -> factors.apply(bytes)
                .real("llama.rope.scaling.factor", 2))));
    }

    @Test
    void whatGgufSaysOfYarnThatLlamaCppComputesOtherwiseIsRefused() throws IOException {
        UnaryOperator<GgufBytes> yarn = bytes -> bytes.string("llama.rope.scaling.type", "yarn")
                .real("llama.rope.scaling.factor", 4).integer("llama.rope.scaling.original_context_length", 4);
        assertEquals(1 + 0.1 * Math.log(4), amplitude(gguf(yarn)), 1e-6);
        assertEquals((1 + 0.1 * Math.log(4)) / (1 + 0.05 * Math.log(4)),
                amplitude(gguf(bytes -> yarn.apply(bytes).real("llama.rope.scaling.yarn_log_multiplier", 0.5))), 1e-6);
        for (String key : List.of("yarn_attn_factor", "yarn_ext_factor")) {
            String told = assertThrows(BadInput.class,
                    () -> gguf(bytes -> yarn.apply(bytes).real("llama.rope.scaling." + key, 0.5))).getMessage();
            assertTrue(told.contains(key), told);
        }
    }
}
