package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.tensor.ElementType;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import io.retort.tensor.WeightReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tensor of a checkpoint becomes which parameter of a decoder, whatever else the checkpoint went through. */
class DecoderWeightsTest {
    static final List<String> MODELS = TinyDecoder.NAMES;
    private static final String TOKENS = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";

    @TempDir
    Path folder;
    private DecoderConfig config;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    /** Takes configuration and weights of a tiny model. */
    private Map<String, float[]> take(String name) throws IOException {
        Path source = Path.of("src/test/resources/io/retort/lm", name);
        Files.copy(source.resolve("config.json"), folder.resolve("config.json"));
        config = DecoderConfigJson.read(folder.resolve("config.json"), DecoderFamilies.KNOWN);
        try (TensorFile file = TensorFile.open(source)) {
            for (String tensor : file.tensors().keySet()) tensors.put(tensor, copy(file.read(tensor)));
            return floats(DecoderWeights.of(config, file, WeightStorage.F32).weights());
        }
    }

    private static Tensor copy(Tensor tensor) {
        return Tensor.of(tensor.toFloats().clone(), tensor.shape().toArray());
    }

    private static Map<String, float[]> floats(Map<String, ParameterValue> weights) {
        Map<String, float[]> floats = new LinkedHashMap<>();
        weights.forEach((name, value) -> floats.put(name, value.plain().toFloats().clone()));
        return floats;
    }

    private void rename(UnaryOperator<String> rule) {
        SequencedMap<String, Tensor> before = new LinkedHashMap<>(tensors);
        tensors.clear();
        before.forEach((name, tensor) -> tensors.put(rule.apply(name), tensor));
    }

    private void save() throws IOException {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
    }

    private WeightReport report() throws IOException {
        save();
        try (TensorFile file = TensorFile.open(folder)) {
            return DecoderWeights.of(config, file, WeightStorage.F32).report();
        }
    }

    private String refusal() throws IOException {
        save();
        try (LanguageModelFiles files = LanguageModelFiles.open(folder)) {
            return assertThrows(BadInput.class, () -> files.load(Engine.stock())).getMessage();
        }
    }

    private void assertReadAs(Map<String, float[]> expected) throws IOException {
        save();
        assertHolds(expected);
    }

    private void assertHolds(Map<String, float[]> expected) throws IOException {
        try (TensorFile file = TensorFile.open(folder)) {
            DecoderWeights found = DecoderWeights.of(config, file, WeightStorage.F32);
            assertTrue(found.report().isClean(), () -> found.report().summary());
            assertEquals(List.copyOf(expected.keySet()), List.copyOf(found.weights().keySet()));
            floats(found.weights()).forEach((name, values) -> assertArrayEquals(expected.get(name), values, name));
        }
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void prefixesOfWrappersDoNotCount(String model) throws IOException {
        Map<String, float[]> expected = take(model);
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(tensors);
        for (String prefix : List.of("_orig_mod.", "module.", "module._orig_mod.", "_orig_mod.module.",
                "base_model.model.", "model.", "_fsdp_wrapped_module.")) {
            tensors.clear();
            own.forEach((name, tensor) -> tensors.put(prefix + name, tensor));
            assertReadAs(expected);
        }
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void aModelWithoutTheModuleThatHoldsItsHeadIsRead(String model) throws IOException {
        Map<String, float[]> expected = take(model);
        rename(name -> name.replaceFirst("^(model|transformer)\\.", ""));
        assertReadAs(expected);
        rename(name -> "_orig_mod." + name);
        assertReadAs(expected);
    }

    @Test
    void tiedEmbeddingsMayBeStoredAsTheHead() throws IOException {
        Map<String, float[]> expected = take("tiny-llama");
        assertTrue(config.tied());
        tensors.put(HEAD, tensors.get(TOKENS));
        assertReadAs(expected);
        tensors.put(HEAD, tensors.get(TOKENS).to(ElementType.F64));
        assertReadAs(expected);
        tensors.put("_orig_mod." + HEAD, copy(tensors.remove(TOKENS)));
        tensors.remove(HEAD);
        assertReadAs(expected);
    }

    @Test
    void aHeadThatDiffersFromTheEmbeddingsThatItIsTiedToIsRefused() throws IOException {
        take("tiny-llama");
        float[] other = tensors.get(TOKENS).toFloats().clone();
        other[7] += 1;
        tensors.put(HEAD, Tensor.of(other, tensors.get(TOKENS).shape().toArray()));
        String message = refusal();
        assertTrue(message.contains("holds a lm_head.weight that differs from model.embed_tokens.weight")
                && message.contains("tie_word_embeddings"), message);
    }

    @Test
    void aHeadOfItsOwnThatIsNotThereIsRefusedByName() throws IOException {
        take("tiny-llama-head");
        tensors.remove(HEAD);
        assertTrue(refusal().contains("1 missing") && refusal().contains("missing: lm_head.weight"), refusal());
    }

    @Test
    void aTensorOfTheVeryNameComesBeforeOneBehindAWrapper() throws IOException {
        Map<String, float[]> expected = take("tiny-llama-head");
        SequencedMap<String, Tensor> own = new LinkedHashMap<>(tensors);
        tensors.clear();
        tensors.put("module.model.norm.weight", Tensor.of(new float[config.dim()], config.dim()));
        tensors.putAll(own);
        save();
        try (TensorFile file = TensorFile.open(folder)) {
            DecoderWeights found = DecoderWeights.of(config, file, WeightStorage.F32);
            assertArrayEquals(expected.get("model.norm.weight"), found.weights().get("model.norm.weight").plain().toFloats());
            assertEquals(List.of("module.model.norm.weight"), found.report().unexpected());
        }
    }

    @Test
    void buffersAreOfNoUse() throws IOException {
        take("tiny-llama");
        List<String> buffers = List.of("model.layers.0.self_attn.rotary_emb.inv_freq",
                "model.embeddings.position_ids");
        for (String name : buffers) tensors.put(name, Tensor.of(new float[2], 2));
        WeightReport report = report();
        assertTrue(report.isClean(), report::summary);
        assertEquals(buffers.stream().sorted().toList(), report.unused());
    }

    @ParameterizedTest
    @ValueSource(strings = {"student.", "net.inner."})
    void anUnknownWrapperIsPointedOutInAFewLines(String prefix) throws IOException {
        take("tiny-llama");
        rename(name -> prefix + name);
        String message = refusal();
        assertTrue(message.contains("begin with \"" + prefix + "\""), message);
        assertTrue(message.lines().count() <= 3, message);
    }

    @Test
    void adaptersThatWouldBeLeftOutAreRefused() throws IOException {
        take("tiny-llama");
        rename(name -> "base_model.model." + name);
        tensors.put("base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight",
                Tensor.of(new float[4], 2, 2));
        assertTrue(refusal().contains("holds the weights of adapters"), refusal());
        Files.writeString(folder.resolve("adapter_config.json"), "{}");
        assertTrue(assertThrows(BadInput.class, () -> LanguageModelFiles.open(folder)).getMessage()
                .contains("adapter_config.json"));
    }

    @Test
    void theIndexDecidesWhichShardATensorIsReadFrom() throws IOException {
        Map<String, float[]> expected = take("tiny-llama");
        SequencedMap<String, Tensor> stale = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> stale.put(name, Tensor.of(new float[tensor.toFloats().length],
                tensor.shape().toArray())));
        for (String right : List.of("a", "b")) {
            SafetensorsWriter.write(folder.resolve(right + ".safetensors"), tensors, Map.of());
            SafetensorsWriter.write(folder.resolve((right.equals("a") ? "b" : "a") + ".safetensors"), stale, Map.of());
            StringBuilder map = new StringBuilder();
            for (String name : tensors.keySet()) {
                map.append(map.isEmpty() ? "" : ", ").append("\"" + name + "\": \"" + right + ".safetensors\"");
            }
            Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {" + map + "}}");
            assertHolds(expected);
            try (LanguageModelFiles files = LanguageModelFiles.open(folder)) {
                files.load(Engine.stock()).close();
            }
        }
    }
}
