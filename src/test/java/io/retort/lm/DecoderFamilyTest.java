package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.tensor.ElementType;
import io.retort.tensor.GgufBytes;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A family that Retort does not know, added by one class and one line: opened from a folder and from GGUF, at work with a
 * cache, trained by adapters, written and opened again. {@link DecoderGradientTest} checks its gradients.
 */
class DecoderFamilyTest {
    private static final DecoderConfig CONFIG = PatchworkFamily.model();
    private static final DecoderFamilies FAMILIES = DecoderFamilies.KNOWN.with(PatchworkFamily.PATCHWORK);
    private static final int[] TEXT = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6};

    @TempDir
    private Path folder;
    private SequencedMap<String, Tensor> published;
    private double[][] expected;

    static Stream<Engine> engines() {
        return Stream.of(Engine.stock(), Engine.simd(2));
    }

    @BeforeEach
    void write() throws IOException {
        published = DecoderWeights.plain(DecoderWeights.published(CONFIG.family(), weights()));
        expected = new ReferencePatchwork(CONFIG, published).logits(TEXT);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), published, Map.of());
        AtomicFile.write(folder.resolve("config.json"), DecoderConfigJson.write(CONFIG, ElementType.F32));
    }

    private static Map<String, Tensor> weights() {
        Random random = new Random(8);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        DecoderParameters.of(CONFIG).forEach((name, shape) -> {
            float[] values = new float[(int) shape.size()];
            boolean gain = name.contains("norm");
            for (int i = 0; i < values.length; i++) values[i] = (float) (random.nextGaussian() * 0.4 + (gain ? 1 : 0));
            weights.put(name, Tensor.of(values, shape.toArray()));
        });
        return weights;
    }

    @Test
    void withoutItsLineAModelIsRefusedByName() {
        String message = assertThrows(BadInput.class, () -> LanguageModelFiles.open(folder)).getMessage();
        assertTrue(message.contains("model_type \"patchwork\"") && message.contains("\"llama\", \"gpt2\""), message);
        assertThrows(IllegalArgumentException.class, () -> FAMILIES.with(PatchworkFamily.PATCHWORK));
    }

    @Test
    void theFolderHoldsTheFusedProjectionsOfItsFamily() throws IOException {
        assertEquals(List.of(48 / 2 + 24, 8), shape("model.layers.1.self_attn.qkv_proj.weight"));
        assertEquals(List.of(48), shape("model.layers.1.self_attn.qkv_proj.bias"));
        assertEquals(List.of(24, 8), shape("model.layers.3.mlp.gate_up_proj.weight"));
        try (LanguageModelFiles files = LanguageModelFiles.open(folder, FAMILIES)) {
            assertEquals(CONFIG, files.config());
        }
    }

    private List<Integer> shape(String name) {
        return java.util.Arrays.stream(published.get(name).shape().toArray()).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aPromptAtOnceAndTokenByTokenGivesTheReferencesLogits(Engine engine) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(folder, FAMILIES);
                LanguageModel model = files.load(engine);
                KeyValueCache cache = model.cache()) {
            Sequence grown = cache.begin();
            for (int t = 0; t < TEXT.length; t++) {
                float[] next = cache.append(List.of(grown), List.of(new int[]{TEXT[t]}))[0];
                assertNear(expected[t], next, "token by token, " + t);
            }
            // A prompt in two runs, beside another text, of which a fork goes on.
            Sequence other = cache.begin(), whole = cache.begin();
            cache.append(List.of(other, whole), List.of(new int[]{1, 2, 3}, java.util.Arrays.copyOf(TEXT, 9)));
            Sequence fork = whole.fork();
            float[][] rest = cache.append(List.of(other, fork),
                    List.of(new int[]{4}, java.util.Arrays.copyOfRange(TEXT, 9, TEXT.length)));
            assertNear(expected[TEXT.length - 1], rest[1], "in two runs");
            assertNear(new ReferencePatchwork(CONFIG, published).logits(1, 2, 3, 4)[3], rest[0], "the other text");
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void theLossOfTrainingIsTheReferences(Engine engine) throws IOException {
        double loss = 0;
        for (int t = 1; t < TEXT.length; t++) {
            double sum = 0;
            for (double logit : expected[t - 1]) sum += Math.exp(logit);
            loss -= (expected[t - 1][TEXT[t]] - Math.log(sum)) / (TEXT.length - 1);
        }
        try (LanguageModelFiles files = LanguageModelFiles.open(folder, FAMILIES);
                TrainableDecoder whole = files.trainable(engine);
                TrainableDecoder adapted = files.trainable(engine, new LowRank(2, 4), 1)) {
            assertEquals(loss, whole.pass(List.of(TrainingText.of(TEXT))).loss(), 1e-5);
            assertEquals(loss, adapted.pass(List.of(TrainingText.of(TEXT))).loss(), 1e-5);
            SequencedMap<String, Tensor> again = whole.weights();
            assertEquals(List.copyOf(published.keySet()).stream().sorted().toList(),
                    again.keySet().stream().sorted().toList());
            published.forEach((name, value) -> assertArrayEquals(value.toFloats(), again.get(name).toFloats(), name));
        }
    }

    @Test
    void aGgufFileOfTheFamilyIsTheSameModel() throws IOException {
        PatchworkFamily.Patches own = (PatchworkFamily.Patches) CONFIG.own();
        GgufBytes bytes = GgufBytes.ofVersion(3).string("general.architecture", "patchwork");
        Map.of("embedding_length", CONFIG.dim(), "block_count", CONFIG.layers(), "attention.head_count",
                CONFIG.heads(), "attention.head_count_kv", CONFIG.keyValueHeads(), "attention.key_length",
                CONFIG.headDim(), "feed_forward_length", CONFIG.feedForward(), "context_length", CONFIG.positions(),
                "attention.sliding_window", own.window(), "rope.dimension_count", own.turned())
                .forEach((key, value) -> bytes.integer("patchwork." + key, value));
        Map.of("attention.layer_norm_rms_epsilon", CONFIG.normEpsilon(), "rope.freq_base", CONFIG.ropeTheta(),
                "rope.scaling.factor", own.slower(), "attn_logit_softcapping", own.softCap(), "residual_scale",
                own.residual(), "attention.scale", own.attention(), "logit_scale", own.output())
                .forEach((key, value) -> bytes.real("patchwork." + key, value));
        published.forEach((name, value) -> bytes.tensor(ggufName(name), value.toFloats(), value.shape().toArray()));
        Path file = Files.write(folder.resolve("model.gguf"), bytes.toBytes());
        assertThrows(BadInput.class, () -> LanguageModelFiles.open(file));
        try (LanguageModelFiles files = LanguageModelFiles.open(file, FAMILIES);
                LanguageModel model = files.load(Engine.stock());
                KeyValueCache cache = model.cache()) {
            float[] last = cache.append(List.of(cache.begin()), List.of(TEXT))[0];
            assertNear(expected[TEXT.length - 1], last, "out of GGUF");
        }
    }

    private static String ggufName(String parameter) {
        List<String> names = new ArrayList<>();
        CONFIG.family().gguf().roots().forEach((gguf, own) -> {
            if (parameter.startsWith(own + ".")) names.add(gguf + parameter.substring(own.length()));
        });
        CONFIG.family().gguf().parts().forEach((gguf, own) -> {
            int at = parameter.indexOf("." + own + ".");
            if (at < 0) return;
            String number = parameter.substring("model.layers.".length(), at);
            names.add("blk." + number + "." + gguf + parameter.substring(at + own.length() + 1));
        });
        assertEquals(1, names.size(), parameter + ": " + names);
        return names.getFirst();
    }

    private static void assertNear(double[] expected, float[] actual, String what) {
        for (int i = 0; i < expected.length; i++) assertEquals(expected[i], actual[i], 5e-5, what + ", token " + i);
    }
}
