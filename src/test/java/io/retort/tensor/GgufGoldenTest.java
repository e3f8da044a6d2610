package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A file that the reference implementation wrote, and what it reads of it (bench/peers/gguf_golden.py). */
class GgufGoldenTest {
    private static GgufFile file;
    private static SafetensorsFile golden;
    private static GgufMetadata metadata;

    @BeforeAll
    static void open() throws Exception {
        file = GgufFile.open(resource("blocks.gguf"));
        golden = SafetensorsFile.open(resource("blocks.golden.safetensors"));
        metadata = file.metadata();
    }

    @AfterAll
    static void close() {
        file.close();
        golden.close();
    }

    static Path resource(String name) throws Exception {
        return Path.of(GgufGoldenTest.class.getResource(name).toURI());
    }

    @Test
    void everyTypeIsReadBitForBit() {
        assertEquals(11, file.tensors().size());
        assertEquals(golden.tensors().keySet(), file.tensors().keySet());
        for (String name : file.tensors().keySet()) {
            Tensor expected = golden.read(name);
            Tensor read = file.read(name);
            assertEquals(name, file.storedType(name));
            assertEquals(expected.shape(), read.shape());
            assertTrue(Samples.same(expected, read.to(ElementType.F32)), name);
        }
    }

    @Test
    void quantisedTensorsAreHandedOutAsBlocksAndPlainOnesAreNot() {
        QuantizedTensor blocks = file.blocks("Q4_K").orElseThrow();
        assertEquals(QuantizedType.Q4_K, blocks.type());
        assertEquals(Shape.of(3, 512), blocks.shape());
        assertEquals(3 * 2 * 144, blocks.blocks().byteSize());
        assertTrue(blocks.blocks().isMapped() && blocks.blocks().isReadOnly());
        assertTrue(Samples.same(golden.read("Q4_K"), blocks.dequantized()));
        for (String plain : List.of("F32", "F16", "BF16")) {
            assertEquals(Optional.empty(), file.blocks(plain));
            assertTrue(file.read(plain).data().isMapped());
        }
    }

    @Test
    void integersOfEveryWidthAreRead() {
        assertEquals(255, metadata.integer("test.uint8").orElseThrow());
        assertEquals(-128, metadata.integer("test.int8").orElseThrow());
        assertEquals(65535, metadata.integer("test.uint16").orElseThrow());
        assertEquals(-32768, metadata.integer("test.int16").orElseThrow());
        assertEquals(4294967295L, metadata.integer("test.uint32").orElseThrow());
        assertEquals(Integer.MIN_VALUE, metadata.integer("test.int32").orElseThrow());
        assertEquals(Long.MIN_VALUE, metadata.integer("test.int64").orElseThrow());
        String message = assertThrows(BadInput.class, () -> metadata.integer("test.uint64")).getMessage();
        assertTrue(message.contains("'test.uint64' is 9223372036854775809, more than 63 bits"), message);
    }

    @Test
    void everyOtherKindIsRead() {
        assertEquals("llama", metadata.architecture());
        assertEquals(0.1f, metadata.real("test.float32").orElseThrow());
        assertEquals(0.1, metadata.real("test.float64").orElseThrow());
        assertEquals(255, metadata.real("test.uint8").orElseThrow());
        assertEquals(Optional.of(true), metadata.bool("test.bool"));
        assertEquals(Optional.of("Ġé€😀"), metadata.string("test.string"));
        assertEquals(Optional.of(List.of("a", "", "Ġé€😀")), metadata.strings("test.strings"));
        assertArrayEquals(new int[]{1, -2, 3}, metadata.integers("test.integers").orElseThrow());
        assertArrayEquals(new float[]{0.5f, -0.25f}, metadata.reals("test.reals").orElseThrow());
    }

    @Test
    void anAbsentKeyIsEmptyAndOneOfAnotherKindIsRefusedByName() {
        assertTrue(metadata.integer("test.none").isEmpty());
        assertTrue(metadata.real("test.none").isEmpty());
        assertTrue(metadata.string("test.none").isEmpty());
        assertTrue(metadata.strings("test.none").isEmpty());
        assertTrue(metadata.summary("test.none").isEmpty());
        assertFalse(metadata.keys().contains("test.none"));
        assertRefused("'test.string' is a string, not an integer", () -> metadata.integer("test.string"));
        assertRefused("'test.strings' is an array of strings, not a string", () -> metadata.string("test.strings"));
        assertRefused("'test.bool' is a boolean, not an array of integers", () -> metadata.integers("test.bool"));
        assertRefused("'test.reals' is an array of real numbers, not an array of strings",
                () -> metadata.strings("test.reals"));
    }

    private static void assertRefused(String reason, org.junit.jupiter.api.function.Executable call) {
        String message = assertThrows(BadInput.class, call).getMessage();
        assertTrue(message.contains("blocks.gguf: at byte "), message);
        assertTrue(message.contains(reason), message);
    }

    @Test
    void valuesAreSummedUpForPeople() {
        assertEquals(Optional.of("['a', '', 'Ġé€😀']"), metadata.summary("test.strings"));
        assertEquals(Optional.of("[1, -2, 3]"), metadata.summary("test.integers"));
        assertEquals(Optional.of("9223372036854775809"), metadata.summary("test.uint64"));
        assertEquals(Optional.of("true"), metadata.summary("test.bool"));
    }
}
