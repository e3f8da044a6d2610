package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.retort.files.BadInput;
import io.retort.lm.DecoderFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parameters against those of transformers, by their fingerprints (bench/peers/gguf_parity.py). */
class GgufParametersTest {
    private static final Path SMOLLM = Path.of("../shared/weights/smollm2-135m-instruct-q4_1.gguf");

    @Test
    void aRealLlamasParametersAreThoseOfTransformersBitForBit() throws Exception {
        assumeTrue(Files.exists(SMOLLM), () -> SMOLLM + " is not here: nothing was compared");
        assertEquals(272, assertSame("smollm2-135m-instruct.parameters.csv", SMOLLM));
    }

    @Test
    void aGpt2sParametersAreThoseOfTransformersBitForBit() throws Exception {
        assertEquals(28, assertSame("tiny-gpt2.parameters.csv", GgufGoldenTest.resource("tiny-gpt2.gguf")));
    }

    private static int assertSame(String csv, Path path) throws Exception {
        List<String> expected = Files.readAllLines(GgufGoldenTest.resource(csv));
        try (GgufFile file = GgufFile.open(path, DecoderFamilies.KNOWN.namings())) {
            var found = new ArrayList<String>();
            for (TensorInfo info : file.parameters().values()) found.add(line(info, file.parameter(info.name())));
            assertEquals(expected.stream().sorted().toList(), found.stream().sorted().toList());
        }
        return expected.size();
    }

    private static String line(TensorInfo info, Tensor parameter) throws Exception {
        assertEquals(info.shape(), parameter.shape());
        Tensor floats = parameter.to(ElementType.F32);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Samples.bytes(floats));
        String shape = Arrays.stream(info.shape().toArray()).mapToObj(String::valueOf)
                .collect(Collectors.joining("x"));
        return info.name() + "," + shape + "," + HexFormat.of().formatHex(digest);
    }

    @Test
    void blocksOfAParameterAreItsRowsWhateverTheirOrderInTheFile() throws Exception {
        assumeTrue(Files.exists(SMOLLM), () -> SMOLLM + " is not here: nothing was compared");
        try (GgufFile file = GgufFile.open(SMOLLM, DecoderFamilies.KNOWN.namings())) {
            for (String part : List.of("q_proj", "k_proj", "v_proj")) {
                String name = "model.layers.3.self_attn." + part + ".weight";
                QuantizedTensor blocks = file.parameterBlocks(name).orElseThrow();
                assertEquals(QuantizedType.Q4_1, blocks.type());
                assertTrue(Samples.same(file.parameter(name), blocks.dequantized()), name);
            }
            assertTrue(file.parameterBlocks("model.norm.weight").isEmpty());
        }
    }

    @TempDir
    private Path folder;

    private GgufFile open(GgufBytes bytes) throws IOException {
        return GgufFile.open(Files.write(folder.resolve("model.gguf"), bytes.toBytes()),
                DecoderFamilies.KNOWN.namings());
    }

    private static GgufBytes llama() {
        return GgufBytes.ofVersion(3).string("general.architecture", "llama");
    }

    @Test
    void queryAndKeyRowsComeInTheHalvesOfEachHead() throws IOException {
        float[] rows = {0, 1, 2, 3, 4, 5, 6, 7};
        GgufBytes bytes = llama().integer("llama.attention.head_count", 2)
                .tensor("blk.0.attn_q.weight", rows, 8, 1).tensor("blk.0.attn_q.bias", rows, 8)
                .tensor("blk.0.attn_v.weight", rows, 8, 1);
        try (GgufFile file = open(bytes)) {
            float[] halves = {0, 2, 1, 3, 4, 6, 5, 7};
            assertArrayEquals(halves, file.parameter("model.layers.0.self_attn.q_proj.weight").toFloats());
            assertArrayEquals(halves, file.parameter("model.layers.0.self_attn.q_proj.bias").toFloats());
            assertArrayEquals(rows, file.parameter("model.layers.0.self_attn.v_proj.weight").toFloats());
        }
    }

    @Test
    void keysHaveTheirOwnNumberOfHeads() throws IOException {
        GgufBytes bytes = llama().integer("llama.attention.head_count", 2).integer("llama.attention.head_count_kv", 1)
                .tensor("blk.7.attn_k.weight", new float[]{0, 1, 2, 3, 4, 5, 6, 7}, 8, 1);
        try (GgufFile file = open(bytes)) {
            assertArrayEquals(new float[]{0, 2, 4, 6, 1, 3, 5, 7},
                    file.parameter("model.layers.7.self_attn.k_proj.weight").toFloats());
        }
    }

    @Test
    void aTensorThatTheModuleHasNotKeepsItsName() throws IOException {
        GgufBytes bytes = llama().tensor("rope_freqs.weight", new float[1], 1).tensor("output.weight", new float[1], 1)
                .tensor("blk.01.attn_v.weight", new float[1], 1);
        try (GgufFile file = open(bytes)) {
            assertEquals(List.of("rope_freqs.weight", "lm_head.weight", "blk.01.attn_v.weight"),
                    List.copyOf(file.parameters().keySet()));
        }
    }

    @Test
    void whatParametersCannotBeMadeOfIsRefused() throws IOException {
        float[] rows = new float[6];
        assertRefused(GgufBytes.ofVersion(3).string("general.architecture", "mamba"), "architecture 'mamba'",
                "supported are llama and gpt2");
        assertRefused(GgufBytes.ofVersion(3), "no metadata 'general.architecture'");
        assertRefused(llama().integer("split.count", 3), "one of the 3 parts of a model", "llama-gguf-split --merge");
        assertRefused(llama().tensor("blk.0.attn_q.weight", rows, 6, 1), "no metadata 'llama.attention.head_count'");
        for (int heads : new int[]{0, 4, -1}) {
            assertRefused(
                    llama().integer("llama.attention.head_count", heads).tensor("blk.0.attn_q.weight", rows, 6, 1),
                    "tensor 'blk.0.attn_q.weight'[6, 1] cannot be ", "llama.attention.head_count");
        }
        assertRefused(llama().tensor("output_norm.weight", rows, 6).tensor("model.norm.weight", rows, 6),
                "two tensors for the parameter 'model.norm.weight'");
    }

    private void assertRefused(GgufBytes bytes, String... parts) throws IOException {
        try (GgufFile file = open(bytes)) {
            String message = assertThrows(BadInput.class, file::parameters).getMessage();
            for (String part : parts) assertTrue(message.contains(part), message);
        }
    }
}
