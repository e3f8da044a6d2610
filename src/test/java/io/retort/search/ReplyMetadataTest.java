package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Response;
import io.retort.files.BadInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metadata in an index: what is read, and what becomes of files that were altered. */
class ReplyMetadataTest {
    private static final Map<String, Object> NESTED = Map.of("source", Map.of("file", "talks", "line", 12), "tags",
            List.of("greeting", "short"), "weight", 0.25, "seen", true);

    @TempDir
    Path folder;
    private Path file;
    private byte[] good;

    private static void write(Path file, List<Response> responses) throws IOException {
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        responses.forEach(replies::add);
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, ResponseIndexTest.spec(Metric.INNER_PRODUCT, 4),
                replies.contents())) {
            writer.append(ResponseSearchContract.vectors(new SplittableRandom(3), replies.size(), 4));
            writer.finish();
        }
    }

    @BeforeEach
    void writeOne() throws IOException {
        file = folder.resolve("index");
        write(file, List.of(new Response("hello", Optional.of(NESTED)), new Response("bye"),
                new Response("well", Optional.of(Map.of())), new Response("hi", Optional.of(Map.of("n", 1)))));
        good = Files.readAllBytes(file);
    }

    @Test
    void eachReplyHasItsOwnOrNone() throws IOException {
        try (ResponseIndex index = ResponseIndex.open(file)) {
            assertEquals(Optional.of(NESTED), index.metadata(0));
            assertEquals(Optional.empty(), index.metadata(1));
            assertEquals(Optional.of(Map.of()), index.metadata(2));
            assertEquals(Optional.of(Map.of("n", 1)), index.metadata(3));
            assertThrows(IndexOutOfBoundsException.class, () -> index.metadata(4));
            assertEquals("well", index.reply(2));
        }
    }

    @Test
    void withoutAnyTheFileIsOfTheFirstVersion() throws IOException {
        write(file, List.of(new Response("hello"), new Response("bye")));
        assertEquals(1, ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getInt(8));
        assertEquals(2, ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getInt(8));
        try (ResponseIndex index = ResponseIndex.open(file)) {
            assertEquals(Optional.empty(), index.metadata(1));
            assertThrows(IndexOutOfBoundsException.class, () -> index.metadata(2));
        }
    }

    @Test
    void theFirstMetadataOfAReplyCount() throws IOException {
        write(file, List.of(new Response("tea."), new Response("Tea .", Optional.of(Map.of("n", 1))),
                new Response("TEA.", Optional.of(Map.of("n", 2)))));
        try (ResponseIndex index = ResponseIndex.open(file)) {
            assertEquals(1, index.count());
            assertEquals(Optional.of(Map.of("n", 1)), index.metadata(0));
        }
    }

    @Test
    void whatJsonCannotSayIsRefused() {
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        for (Object value : new Object[]{Double.NaN, List.of(Float.POSITIVE_INFINITY),
            Map.of("deep", Double.NEGATIVE_INFINITY), "half \uD83D", new Object()}) {
            assertThrows(IllegalArgumentException.class,
                    () -> replies.add(new Response("x", Optional.of(Map.of("value", value)))), value.toString());
        }
        assertEquals(0, replies.size());
    }

    @Test
    void anyAlteredByteIsRefused() throws IOException {
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x20;
            Files.write(file, bad);
            assertThrows(BadInput.class, () -> ResponseIndex.open(file).close(), "byte " + at);
        }
    }

    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        for (int length = 0; length < good.length; length += 7) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThrows(BadInput.class, () -> ResponseIndex.open(file).close(), length + " bytes");
        }
    }

    @Test
    void headersThatLieWithARightChecksumAreRefused() throws IOException {
        long[][] lies = {{8, 1}, {8, 3}, {144, 0}, {144, Long.MAX_VALUE}, {152, 8}, {152, 48}, {160, 1L << 60},
            {168, Long.MAX_VALUE}, {168, -1}, {168, 0}, {168, Long.MAX_VALUE / 4}, {112, Long.MAX_VALUE / 4}, {176, 1},
            {180, 1}, {16, 2}, {12, 1}, {20, 1}, {32, 5}};
        for (long[] lie : lies) {
            byte[] bad = good.clone();
            ByteBuffer header = ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN);
            if (lie[0] < 32) header.putInt((int) lie[0], (int) lie[1]);
            else header.putLong((int) lie[0], lie[1]);
            sealHeader(bad);
            Files.write(file, bad);
            assertThrows(BadInput.class, () -> ResponseIndex.open(file).close(), Arrays.toString(lie));
        }
    }

    private static void sealHeader(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 188);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(188, (int) crc.getValue());
    }

    /** Makes all checksums right, as somebody would who wants to do harm. */
    private static void seal(byte[] bytes, IndexLayout layout) {
        int[] checksums = new int[layout.blocks()];
        for (int i = 0; i < checksums.length; i++) {
            checksums[i] = IndexFooter.checksum(MemorySegment.ofArray(bytes), layout, i);
        }
        new IndexFooter(checksums).encode(layout).get(bytes, (int) layout.footer(), (int) layout.footerBytes());
    }

    private IndexLayout layout() {
        return IndexHeader.decode(file, ByteBuffer.wrap(good, 0, IndexLayout.HEADER_BYTES).slice()).layout();
    }

    @Test
    void offsetsAndObjectsThatLieWithRightChecksumsAreRefusedWhenTheyAreRead() throws IOException {
        IndexLayout layout = layout();
        long[] offsets = {-1, Long.MIN_VALUE, Long.MAX_VALUE, layout.replyMetadataBytes() + 1, 1L << 40};
        for (long offset : offsets) {
            byte[] bad = good.clone();
            ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putLong((int) layout.replyMetadataOffsets() + 8,
                    offset);
            assertRowIsRefused(bad, layout, "outside");
        }
        for (String json : List.of("[1]", "null", "{\"a\"", "{} ", "\"x\"", "{}{}", "{\"a\":NaN}")) {
            byte[] bad = good.clone();
            Arrays.fill(bad, (int) layout.replyMetadata(), (int) (layout.replyMetadata() + layout.replyMetadataBytes()),
                    (byte) ' ');
            System.arraycopy(json.getBytes(), 0, bad, (int) layout.replyMetadata(), json.length());
            if (json.equals("{} ")) bad[(int) layout.replyMetadata() + 5] = '}';
            assertRowIsRefused(bad, layout, "not a JSON object");
        }
    }

    private void assertRowIsRefused(byte[] bad, IndexLayout layout, String why) throws IOException {
        seal(bad, layout);
        Files.write(file, bad);
        try (ResponseIndex index = ResponseIndex.open(file)) {
            String message = assertThrows(BadInput.class, () -> index.metadata(0)).getMessage();
            assertTrue(message.startsWith(file.toString()) && message.contains(why), message);
        }
    }

    @Test
    void whateverIsAlteredUnderRightChecksumsIsReadOrRefusedAndNeverCrashes() throws IOException {
        IndexLayout layout = layout();
        SplittableRandom random = new SplittableRandom(21);
        for (int round = 0; round < 400; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt((int) layout.metadata(), (int) layout.footer());
                bad[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : bad[at] ^ 1 << random.nextInt(8));
            }
            seal(bad, layout);
            Files.write(file, bad);
            try (ResponseIndex index = ResponseIndex.open(file)) {
                for (int row = 0; row < index.count(); row++) {
                    int each = row;
                    readOrRefused(() -> index.reply(each));
                    readOrRefused(() -> index.metadata(each));
                }
            } catch (BadInput e) {
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
            }
        }
    }

    private static void readOrRefused(Runnable reading) {
        try {
            reading.run();
        } catch (BadInput e) {
            assertTrue(e.getMessage().contains("reply"), e.getMessage());
        }
    }
}
