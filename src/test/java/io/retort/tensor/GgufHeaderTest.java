package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufHeaderTest {
    private static final int TENSORS_AT = 8;
    private static final int KEYS_AT = 16;
    private static final int METADATA_AT = 24;
    private static final float[] ROW = {1, 2, 3, 4};

    @TempDir
    private Path folder;

    private GgufFile open(byte[] bytes) throws IOException {
        return GgufFile.open(Files.write(folder.resolve("model.gguf"), bytes));
    }

    private void assertRefused(byte[] bytes, String... parts) {
        String message = assertThrows(BadInput.class, () -> open(bytes)).getMessage();
        for (String part : parts) assertTrue(message.contains(part), message);
        assertTrue(message.startsWith(folder.resolve("model.gguf") + ": "), message);
    }

    private static byte[] withLong(byte[] bytes, int at, long value) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return changed;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void bothVersionsAreRead(int version) throws IOException {
        try (GgufFile file = open(GgufBytes.ofVersion(version).tensor("a", ROW, 2, 2).toBytes())) {
            assertEquals(version, file.version());
            assertEquals(Shape.of(2, 2), file.tensors().get("a").shape());
            assertArrayEquals(ROW, file.read("a").toFloats());
        }
    }

    @Test
    void otherVersionsAndByteOrdersAreCalledByTheirName() {
        assertRefused(GgufBytes.ofVersion(1).toBytes(), "at byte 4: GGUF version 1; versions 2 and 3 are read");
        assertRefused(GgufBytes.ofVersion(4).toBytes(), "GGUF version 4");
        assertRefused(GgufBytes.ofVersion(3 << 24).toBytes(), "a big-endian GGUF file");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 1000})
    void moreTensorsOrKeysThanTheFileCanHoldAreRefusedBeforeAnythingIsRead(long count) {
        byte[] whole = GgufBytes.ofVersion(3).integer("n", 1).tensor("a", ROW, 4).toBytes();
        String said = Long.toUnsignedString(count);
        assertRefused(withLong(whole, TENSORS_AT, count), "at byte 8: " + said + " tensors, but only ");
        assertRefused(withLong(whole, KEYS_AT, count), "at byte 16: " + said + " keys of metadata, but only ");
        assertRefused(withLong(whole, METADATA_AT, count), "at byte 24: " + said + " bytes of text, but only ");
    }

    @Test
    void anArrayLongerThanTheFileIsRefused() {
        for (GgufValueType type : GgufValueType.values()) {
            byte[] bytes = GgufBytes.ofVersion(3).metadata("n", GgufValueType.ARRAY,
                    new GgufBytes.Part().array(type, Long.MAX_VALUE / 4)).toBytes();
            assertRefused(bytes, "at byte 41: 2305843009213693951 elements, but only ");
        }
    }

    @Test
    void nestedArraysAreReadToADepthAndNoDeeper() throws IOException {
        try (GgufFile file = open(GgufBytes.ofVersion(3).metadata("n", GgufValueType.ARRAY, nested(7)).toBytes())) {
            assertEquals("1 arrays", file.metadata().summary("n").orElseThrow());
            assertThrows(BadInput.class, () -> file.metadata().integers("n"));
        }
        assertRefused(GgufBytes.ofVersion(3).metadata("n", GgufValueType.ARRAY, nested(100)).toBytes(),
                "arrays nested more than 8");
    }

    private static GgufBytes.Part nested(int depth) {
        var part = new GgufBytes.Part();
        for (int i = 0; i < depth; i++) part.array(GgufValueType.ARRAY, 1);
        return part.array(GgufValueType.UINT8, 1).i8(7);
    }

    @Test
    void valuesThatAreNoneAreRefused() {
        assertRefused(GgufBytes.ofVersion(3).metadata("b", GgufValueType.BOOL, new GgufBytes.Part().i8(2)).toBytes(),
                "at byte 37: 2 is not a boolean");
        byte[] unknown = GgufBytes.ofVersion(3).integer("n", 1).toBytes();
        unknown[METADATA_AT + 9] = 13;
        assertRefused(unknown, "at byte 33: a value of the unknown type 13");
    }

    @Test
    void aKeyOrTensorThatStandsThereTwiceIsRefused() {
        assertRefused(GgufBytes.ofVersion(3).integer("n", 1).integer("n", 2).toBytes(), "'n' stands there twice");
        assertRefused(GgufBytes.ofVersion(3).tensor("a", ROW, 4).tensor("a", ROW, 4).toBytes(),
                "two tensors named 'a'");
        assertRefused(GgufBytes.ofVersion(3).tensor("", ROW, 4).toBytes(), "a tensor without a name");
    }

    @Test
    void theAlignmentIsTheFiles() throws IOException {
        for (int alignment : new int[]{1, 8, 64, 4096}) {
            byte[] bytes = new GgufBytes(3, alignment).tensor("a", new float[]{7}, 1).tensor("b", ROW, 4).toBytes();
            try (GgufFile file = open(bytes)) {
                assertArrayEquals(ROW, file.read("b").toFloats());
            }
        }
        for (int alignment : new int[]{0, 24, -8}) {
            byte[] bytes = GgufBytes.ofVersion(3).integer("general.alignment", alignment).tensor("a", ROW, 4).toBytes();
            assertRefused(bytes, "general.alignment is ", "not a power of two");
        }
    }

    @Test
    void thePaddingAfterTheLastTensorMayBeThere() throws IOException {
        GgufBytes bytes = GgufBytes.ofVersion(3).tensor("a", new float[]{7}, 1);
        try (GgufFile file = open(bytes.toPaddedBytes())) {
            assertArrayEquals(new float[]{7}, file.read("a").toFloats());
        }
        try (GgufFile file = open(GgufBytes.ofVersion(3).integer("n", 1).toPaddedBytes())) {
            assertTrue(file.tensors().isEmpty());
        }
    }

    @Test
    void impossibleShapesAreRefused() {
        byte[] none = {};
        assertRefused(GgufBytes.ofVersion(3).tensor("a", 0, none, -1).toBytes(), "tensor 'a' has an impossible shape");
        assertRefused(GgufBytes.ofVersion(3).tensor("a", 0, none, 1 << 30, 1 << 30, 1 << 30).toBytes(), "impossible");
        assertRefused(GgufBytes.ofVersion(3).tensor("a", 0, none, 1 << 30, 1 << 30, 4).toBytes(),
                "larger than any file");
        assertRefused(GgufBytes.ofVersion(3).tensor("a", 0, none, new int[65]).toBytes(), "of 65 dimensions");
        assertRefused(GgufBytes.ofVersion(3).tensor("a", 2, new byte[18], 16, 2).toBytes(),
                "Q4_0[16, 2], but rows must be whole blocks of 32");
    }

    @Test
    void tensorsThatOverlapOrLeaveGapsAreRefused() {
        byte[] whole = GgufBytes.ofVersion(3).tensor("a", ROW, 4).tensor("b", ROW, 4).toBytes();
        int offsetOfB = METADATA_AT + 2 * (8 + 1 + 4 + 8 + 4 + 8) - 8;
        for (long offset : new long[]{0, 16, 64, 1 << 20, Long.MAX_VALUE, -1}) {
            assertRefused(withLong(whole, offsetOfB, offset), "tensor 'b'");
        }
    }

    @Test
    void aTypeThatRetortHasNotIsListedAndRefusedWhenRead() throws IOException {
        byte[] bytes = GgufBytes.ofVersion(3).string("general.architecture", "llama")
                .tensor("blk.0.ffn_up.weight", 10, new byte[84], 1, 256).tensor("new", 99, new byte[5], 3)
                .tensor("output_norm.weight", ROW, 4).toBytes();
        try (GgufFile file = open(bytes)) {
            assertEquals("Q2_K", file.storedType("blk.0.ffn_up.weight"));
            assertEquals("type 99", file.storedType("new"));
            assertFalse(file.isReadable("new"));
            assertArrayEquals(ROW, file.parameter("output_norm.weight").toFloats());
            for (String name : List.of("blk.0.ffn_up.weight", "new")) {
                String message = assertThrows(BadInput.class, () -> file.read(name)).getMessage();
                assertTrue(message.contains("tensor '" + name + "' is stored as " + file.storedType(name)), message);
                assertTrue(message.contains("supported are F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K"),
                        message);
                assertThrows(BadInput.class, () -> file.blocks(name));
            }
            assertThrows(BadInput.class, () -> file.parameter("model.layers.0.mlp.up_proj.weight"));
        }
    }

    @Test
    void anythingElseIsNoGguf() throws IOException {
        Path other = Files.write(folder.resolve("model.gguf"), Samples.Format.SAFETENSORS.bytes());
        String message = assertThrows(BadInput.class, () -> GgufFile.open(other)).getMessage();
        assertTrue(message.contains("not a GGUF file"), message);
    }
}
