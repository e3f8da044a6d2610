package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

class JsonLinesTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.jsonl.gz"})
    void whatIsWrittenIsReadBack(String name) throws IOException {
        List<ObjectNode> records = new ArrayList<>();
        for (int i = 0; i < 5000; i++) records.add(MAPPER.createObjectNode().put("id", i).put("t", "é😀 \"\n" + i));
        Path file = write(name, records);
        List<Long> lines = new ArrayList<>();
        List<ObjectNode> read = new ArrayList<>();
        try (JsonLines in = JsonLines.open(file)) {
            while (in.hasNext()) {
                JsonRecord record = in.next();
                lines.add(record.line());
                read.add(record.node());
            }
        }
        assertEquals(records, read);
        assertEquals(1L, lines.getFirst());
        assertEquals(5000L, lines.getLast());
    }

    @Test
    void equalRecordsGiveEqualBytesWithoutATimeStamp() throws IOException {
        List<ObjectNode> records = List.of(MAPPER.createObjectNode().put("b", 1).put("a", 2));
        byte[] first = Files.readAllBytes(write("x.gz", records));
        assertArrayEquals(first, Files.readAllBytes(write("y.gz", records)));
        assertArrayEquals(new byte[4], Arrays.copyOfRange(first, 4, 8), "gzip time stamp");
    }

    @Test
    void aWriterClosedWithoutCommitLeavesNothing() throws IOException {
        try (JsonLinesWriter out = JsonLinesWriter.create(folder.resolve("gone.jsonl"))) {
            out.write(MAPPER.createObjectNode());
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void gzipIsToldByContentNotByName() throws IOException {
        Path file = folder.resolve("plain-name.jsonl");
        Files.write(file, gzip("{\"a\":1}\n"));
        assertEquals(1, count(file));
    }

    @Test
    void everyMemberOfAGzipFileIsRead() throws IOException {
        Path file = folder.resolve("members.gz");
        Files.write(file, join(gzip("{\"a\":1}\n{\"a\":"), gzip(""), gzip("2}\n"), gzip("{}")));
        assertEquals(3, count(file));
    }

    @Test
    void aGzipFileCutAnywhereIsRefused() throws IOException {
        byte[] whole = join(gzip("{\"a\":1}\n"), gzip("{\"a\":2}\n"));
        int member = gzip("{\"a\":1}\n").length;
        for (int length = 2; length < whole.length; length++) {
            if (length == member) continue; // exactly one whole member is a whole file
            Path file = folder.resolve("cut.gz");
            Files.write(file, Arrays.copyOf(whole, length));
            BadInput refused = assertThrows(BadInput.class, () -> count(file), "cut at " + length);
            assertTrue(refused.getMessage().startsWith(file + ":"), refused.getMessage());
        }
    }

    @Test
    void anAlteredGzipFileIsRefusedUnlessTheBitIsOfNoMeaning() throws IOException {
        byte[] whole = gzip("{\"id\":\"the quick brown fox jumps over 13 lazy dogs\"}\n");
        Path file = folder.resolve("altered.gz");
        int refused = 0;
        for (int bit = 80; bit < 8 * whole.length; bit++) {
            byte[] altered = whole.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, altered);
            try (JsonLines in = JsonLines.open(file)) {
                String text = in.next().text("id");
                // Only at the end is the checksum known to be right; a further line is read to its fault.
                while (in.hasNext()) in.next();
                assertEquals("the quick brown fox jumps over 13 lazy dogs", text);
            } catch (BadInput e) {
                refused++;
            }
        }
        int padding = 7; // bits between the last block and the checksum
        assertTrue(refused >= 8 * whole.length - 80 - padding, "refused " + refused);
    }

    @Test
    void bytesAfterTheGzipDataAreRefused() {
        refused(join(gzip("{}\n"), new byte[]{0, 0, 1}), 2, "follow the gzip data");
        refused(join(gzip("{}\n"), "garbage".getBytes(StandardCharsets.UTF_8)), 2, "follow the gzip data");
    }

    @Test
    void aBlankLineIsRefusedWithItsNumber() {
        refused("{}\n{}\n\n{}\n", 3, "blank line");
        refused("{}\n \t\r\n", 2, "blank line");
    }

    @Test
    void whatIsNotAnObjectIsRefused() {
        refused("{}\n[1]\n", 2, "expected a JSON object, found a list");
        refused("3", 1, "expected a JSON object, found a number");
    }

    @Test
    void trailingGarbageIsRefused() {
        refused("{} {}\n", 1, "not valid JSON");
        refused("{}x\n", 1, "not valid JSON");
    }

    @Test
    void repeatedKeysAreRefusedAtAnyDepth() {
        refused("{\"a\":1,\"a\":2}\n", 1, "Duplicate field 'a'");
        refused("{\"m\":{\"b\":1,\"b\":1}}\n", 1, "Duplicate field 'b'");
    }

    @Test
    void aRecordCutInItsMiddleIsRefused() {
        refused("{\"a\":1}\n{\"a\":", 2, "not valid JSON");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedWithTheirPlace() {
        refused(join("{}\n{\"a\":\"".getBytes(StandardCharsets.UTF_8), new byte[]{(byte) 0xc3, '"', '}'}), 2,
                "not UTF-8 near byte 7");
    }

    @Test
    void aByteOrderMarkIsRefused() {
        refused("\ufeff{}\n", 1, "byte order mark");
    }

    @Test
    void deepNestingIsRefusedInsteadOfFillingTheStack() {
        refused("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000), 1, "nesting depth");
    }

    @Test
    void aLineLongerThanTheLimitIsRefused() throws IOException {
        Path file = folder.resolve("long.jsonl");
        byte[] bytes = new byte[JsonLines.MAX_LINE_BYTES + 1];
        Arrays.fill(bytes, (byte) ' ');
        Files.write(file, bytes);
        assertTrue(assertThrows(BadInput.class, () -> count(file)).getMessage().contains(":1: line is longer"));
    }

    @Test
    void missingFilesAndFoldersAreRefusedByName() {
        assertTrue(assertThrows(BadInput.class, () -> JsonLines.open(folder.resolve("none"))).getMessage()
                .endsWith("none: no such file; check the path"));
        assertThrows(BadInput.class, () -> JsonLines.open(folder));
    }

    @Test
    void anEmptyFileHasNoRecordsAndALastLineNeedsNoLineBreak() throws IOException {
        assertEquals(0, count(file("")));
        assertEquals(2, count(file("{}\r\n{}")));
    }

    @Test
    void faultsOfFieldsNameFileLineAndField() throws IOException {
        String line = "{\"s\":1,\"blank\":\" \",\"list\":[\"a\",2],\"half\":\"\\ud800\",\"turns\":[{\"t\":\"x\"},{\"t\":null}],"
                + "\"big\":1e999,\"word\":\"w\"}";
        Path file = file("{}\n" + line);
        try (JsonLines in = JsonLines.open(file)) {
            in.next();
            JsonRecord record = in.next();
            faulty(file, "`s` must be a string, not a number", () -> record.text("s"));
            faulty(file, "`none` is missing", () -> record.text("none"));
            faulty(file, "`blank` is blank", () -> record.filledText("blank"));
            faulty(file, "`list[1]` must be a string", () -> record.texts("list"));
            faulty(file, "`word` must be a list", () -> record.texts("word"));
            faulty(file, "`half` holds half of a surrogate pair", () -> record.text("half"));
            faulty(file, "`list[0]` must be an object", () -> record.records("list"));
            faulty(file, "`turns[1].t` is missing", () -> record.records("turns").get(1).text("t"));
            faulty(file, "`word` must be a number", () -> record.optionalNumber("word"));
            faulty(file, "`big` is not a finite number", () -> record.optionalNumber("big"));
            faulty(file, "`word` must be an object", () -> record.optionalValues("word"));
            assertFalse(record.has("none"));
            assertEquals(List.of(), record.optionalTexts("none"));
        }
    }

    private void faulty(Path file, String message, Runnable access) {
        String found = assertThrows(BadInput.class, access::run).getMessage();
        assertTrue(found.startsWith(file + ":2: field " + message), found);
    }

    private void refused(String text, long line, String reason) {
        refused(text.getBytes(StandardCharsets.UTF_8), line, reason);
    }

    private void refused(byte[] bytes, long line, String reason) {
        Path file = folder.resolve("bad.jsonl");
        BadInput refused = assertThrows(BadInput.class, () -> {
            Files.write(file, bytes);
            count(file);
        });
        assertTrue(refused.getMessage().startsWith(file + ":" + line + ": "), refused.getMessage());
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
        assertTrue(refused.getMessage().contains("; "), "says what to do: " + refused.getMessage());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("a.jsonl"), text);
    }

    private Path write(String name, List<ObjectNode> records) throws IOException {
        Path file = folder.resolve(name);
        try (JsonLinesWriter out = JsonLinesWriter.create(file)) {
            for (ObjectNode record : records) out.write(record);
            out.commit();
        }
        return file;
    }

    private static long count(Path file) throws IOException {
        try (JsonLines in = JsonLines.open(file); Stream<JsonRecord> records = in.stream()) {
            return records.count();
        }
    }

    private static byte[] gzip(String text) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }
}
