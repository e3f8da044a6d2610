package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsHeaderTest {
    @TempDir
    private Path folder;

    private String refusal(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("w.safetensors"), bytes);
        String message = assertThrows(BadInput.class, () -> SafetensorsFile.open(file)).getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        return message;
    }

    private void assertRefused(String header, int data, String reason) throws IOException {
        String message = refusal(Samples.safetensors(header, data));
        assertTrue(message.contains(reason), message);
    }

    private static String entry(String dtype, String shape, String offsets) {
        return "{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    private static byte[] withLength(long length) {
        return ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(length)
                .put("{}".getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    @ParameterizedTest
    @ValueSource(longs = {13, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void aHeaderLongerThanTheFileIsRefused(long length) throws IOException {
        String message = refusal(withLength(length));
        assertTrue(message.contains("at byte 0: header of " + Long.toUnsignedString(length)), message);
        assertTrue(message.contains("12 follow"), message);
    }

    @Test
    void aHeaderLongerThanTheLimitIsRefusedUnread() throws IOException {
        Path file = folder.resolve("huge.safetensors");
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(200_000_000);
            sparse.write(withLength(SafetensorsHeader.LONGEST + 1L));
        }
        String message = assertThrows(BadInput.class, () -> SafetensorsFile.open(file)).getMessage();
        assertTrue(message.contains("at most 100000000 are read"), message);
    }

    @Test
    void overlappingTensorsAreRefused() throws IOException {
        assertRefused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", 6, "'b' starts at byte 2");
    }

    @Test
    void twoTensorsOverTheSameBytesAreRefused() throws IOException {
        assertRefused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "starts at byte 0");
    }

    @Test
    void holesAreRefusedBeforeBetweenAndAfter() throws IOException {
        assertRefused(entry("U8", "[4]", "[1,5]"), 5, "'a' starts at byte 1");
        assertRefused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}", 3, "'b' starts at byte 2");
        assertRefused(entry("U8", "[4]", "[0,4]"), 5, "describes 4 bytes of data, the file has 5");
    }

    @Test
    void offsetsPastTheEndAreRefused() throws IOException {
        assertRefused(entry("U8", "[4]", "[0,4]"), 3, "describes 4 bytes of data, the file has 3");
        assertRefused(entry("U8", "[2147483647,2147483647]", "[0,4611686014132420609]"), 3, "the file has 3");
    }

    @Test
    void offsetsThatDoNotMatchTypeAndShapeAreRefused() throws IOException {
        assertRefused(entry("F32", "[4]", "[0,15]"), 15, "16 bytes, but its data_offsets are 0 and 15");
        assertRefused(entry("U8", "[4]", "[4,0]"), 4, "data_offsets are 4 and 0");
        assertRefused(entry("U8", "[0]", "[0,9223372036854775807]"), 4, "data_offsets");
        assertRefused(entry("U8", "[1]", "[0]"), 1, "two data_offsets");
        assertRefused(entry("U8", "[1]", "[0,1,2]"), 1, "two data_offsets");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[-1]", "[2,-2]", "[1.5]", "[1e2]", "[\"1\"]", "[null]", "[true]", "[[1]]", "{}", "3",
        "null",
        "[9223372036854775808]", "[99999999999999999999999999]", "[2147483648]",
        "[2147483647,2147483647,2147483647]", "[2147483647,2147483647,2147483647,0]"})
    void shapesThatAreNoneAreRefused(String shape) throws IOException {
        String message = refusal(Samples.safetensors(entry("U8", shape, "[0,1]"), 1));
        assertTrue(message.contains("at byte "), message);
    }

    @Test
    void moreDimensionsThanAnyFormatHasAreRefused() throws IOException {
        assertRefused(entry("U8", "[" + "1,".repeat(64) + "1]", "[0,1]"), 1, "too long");
    }

    @Test
    void aSizeThatOverflowsIsRefused() throws IOException {
        assertRefused(entry("F64", "[2147483647,2147483647]", "[0,8]"), 8, "larger than any file");
    }

    @Test
    void anUnknownTypeIsRefusedWithTheKnownOnes() throws IOException {
        assertRefused(entry("F8_E4M3", "[4]", "[0,4]"), 4, "dtype 'F8_E4M3'; supported are [F64, F32");
        assertRefused("{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "dtype ''");
    }

    @Test
    void duplicateNamesAreRefused() throws IOException {
        String a = "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
        assertRefused("{" + a + "," + a + "}", 1, "Duplicate");
        assertRefused("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
                "Duplicate");
        assertRefused("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "Duplicate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " {}", "[]", "{", "{}x", "{}{}", "{\"a\"", "{\"a\":1}", "{\"a\":{}}", "nul", "{'a':{}}",
        "{\"__metadata__\":[]}", "{\"__metadata__\":{\"k\":1}}", "{\"__metadata__\":{\"k\":null}}", "{\"\\ud800\":{}}",
        "{\"__metadata__\":{\"k\":\"\\udc00\"}}"})
    void whatIsNoHeaderIsRefused(String header) throws IOException {
        assertTrue(refusal(Samples.safetensors(header, 0)).contains("at byte "));
    }

    @Test
    void deepNestingIsRefusedWithoutRecursion() throws IOException {
        assertRefused("{\"a\":{\"x\":" + "[".repeat(100_000), 0, "not valid JSON");
    }

    @Test
    void aHeaderThatIsNotUtf8IsRefused() throws IOException {
        byte[] bytes = Samples.safetensors("{\"__metadata__\":{\"k\":\"?\"}}", 0);
        for (int i = 0; i < bytes.length; i++) if (bytes[i] == '?') bytes[i] = (byte) 0xC0;
        assertTrue(refusal(bytes).contains("not UTF-8"));
    }

    @Test
    void utf16IsNotTakenForJson() throws IOException {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_16LE);
        byte[] bytes = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length)
                .put(json)
                .array();
        assertTrue(refusal(bytes).contains("JSON"));
    }

    @Test
    void theOffsetCountsBytesNotCharacters() throws IOException {
        String before = "{\"__metadata__\":{\"k\":\"\u20AC\u20AC\u20AC\"},";
        String message = refusal(Samples.safetensors(before + "!", 0));
        int expected = 8 + before.getBytes(StandardCharsets.UTF_8).length;
        int offset = Integer.parseInt(message.replaceAll("(?s).*at byte (\\d+):.*", "$1"));
        assertTrue(Math.abs(offset - expected) <= 1, message);
    }

    @Test
    void hostileNamesAreShownWithoutControlCharactersAndCut() throws IOException {
        String name = "\\u001b[2J" + "x".repeat(1000);
        String message = refusal(Samples.safetensors("{\"" + name + "\":{\"dtype\":\"Q\"}}", 0));
        assertTrue(message.contains("'?[2Jxxx") && message.contains("…'") && message.length() < 500, message);
    }

    @Test
    void whatTheReferenceAcceptsIsAccepted() throws IOException {
        String header = "{\"b\":{\"data_offsets\":[4,4],\"shape\":[0,3],\"dtype\":\"F32\",\"later\":{\"x\":[1]}},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"__metadata__\":{\"format\":\"pt\"}}   ";
        Path path = Files.write(folder.resolve("ok"), Samples.safetensors(header, 4));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(List.of("b", "a"), List.copyOf(file.tensors().keySet()));
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertEquals(0, file.read("b").data().byteSize());
            assertEquals(4, file.read("a").data().byteSize());
        }
    }

    @Test
    void aFileOfNoTensorsIsAFile() throws IOException {
        Path path = Files.write(folder.resolve("none"), Samples.safetensors("{}", 0));
        try (TensorFile file = TensorFile.open(path)) {
            assertTrue(file.tensors().isEmpty());
            assertTrue(assertThrows(BadInput.class, () -> file.read("a")).getMessage().contains("no tensors at all"));
        }
    }
}
