package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Parameters against those of transformers, by their fingerprints (bench/peers/gguf_parity.py). */
class GgufParametersTest {
    private static final Path SMOLLM = Path.of("../shared/weights/smollm2-135m-instruct-q4_1.gguf");

    @Test
    void aRealLlamasParametersAreThoseOfTransformersBitForBit() throws Exception {
        assumeTrue(Files.exists(SMOLLM), () -> SMOLLM + " is not here: nothing was compared");
        assertEquals(272, assertSame("smollm2-135m-instruct.parameters.csv", SMOLLM));
    }

    private static int assertSame(String csv, Path path) throws Exception {
        List<String> expected = Files.readAllLines(GgufGoldenTest.resource(csv));
        try (GgufFile file = GgufFile.open(path)) {
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
        try (GgufFile file = GgufFile.open(SMOLLM)) {
            for (String part : List.of("q_proj", "k_proj", "v_proj")) {
                String name = "model.layers.3.self_attn." + part + ".weight";
                QuantizedTensor blocks = file.parameterBlocks(name).orElseThrow();
                assertEquals(QuantizedType.Q4_1, blocks.type());
                assertTrue(Samples.same(file.parameter(name), blocks.dequantized()), name);
            }
            assertTrue(file.parameterBlocks("model.norm.weight").isEmpty());
        }
    }
}
