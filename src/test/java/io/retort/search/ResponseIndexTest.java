package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResponseIndexTest {
    static final ModelFingerprint MODEL = new ModelFingerprint("ab".repeat(32));
    static final List<String> REPLIES = List.of("Hello.", "", "Grüße, 世界 \uD83D\uDE42", "a\tb\nc",
            "x".repeat(5000));

    @TempDir
    Path folder;
    private Path file;

    static IndexSpec spec(Metric metric, int dims) {
        ObjectNode metadata = new ObjectMapper().createObjectNode().put("model", "all-tests");
        return new IndexSpec(MODEL, metric, dims, metadata);
    }

    static void write(Path file, IndexSpec spec, List<String> replies, float[][] vectors) throws IOException {
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec, replies)) {
            writer.append(vectors);
            writer.finish();
        }
    }

    @BeforeEach
    void writeOne() throws IOException {
        file = folder.resolve("replies.index");
        float[][] vectors = ResponseSearchContract.vectors(new SplittableRandom(3), REPLIES.size(), 7);
        write(file, spec(Metric.INNER_PRODUCT, 7), REPLIES, vectors);
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        float[][] vectors = ResponseSearchContract.vectors(new SplittableRandom(3), REPLIES.size(), 7);
        try (ResponseIndex index = ResponseIndex.open(file)) {
            assertEquals(spec(Metric.INNER_PRODUCT, 7), index.spec());
            assertEquals(REPLIES.size(), index.count());
            for (int r = 0; r < REPLIES.size(); r++) {
                assertEquals(REPLIES.get(r), index.reply(r));
                for (int i = 0; i < 7; i++) {
                    assertEquals(vectors[r][i], index.vectors().data().get(ValueLayout.JAVA_FLOAT, 28L * r + 4L * i));
                }
            }
            assertThrows(IndexOutOfBoundsException.class, () -> index.reply(REPLIES.size()));
        }
    }

    @Test
    void theSameInputMakesTheSameBytes() throws IOException {
        byte[] first = Files.readAllBytes(file);
        writeOne();
        assertEquals(ByteBuffer.wrap(first), ByteBuffer.wrap(Files.readAllBytes(file)));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList(), "nothing is left beside it");
        }
    }

    @Test
    void anyAlteredByteIsRefusedNearItsPlace() throws IOException {
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at += at < 400 || at > good.length - 300 ? 1 : 13) {
            byte[] bad = good.clone();
            bad[at] ^= 0x20;
            Files.write(file, bad);
            String message = refusal();
            Matcher offset = Pattern.compile("at byte (\\d+)").matcher(message);
            assertTrue(offset.find() && Long.parseLong(offset.group(1)) <= at, at + ": " + message);
        }
    }

    @Test
    void damageIsFoundInItsBlock() throws IOException {
        List<String> replies = new ArrayList<>();
        for (int i = 0; i < 3000; i++) replies.add("reply " + i);
        float[][] vectors = ResponseSearchContract.vectors(new SplittableRandom(4), 3000, 1024);
        write(file, spec(Metric.INNER_PRODUCT, 1024), replies, vectors);
        byte[] bytes = Files.readAllBytes(file);
        bytes[9_000_000]++;
        Files.write(file, bytes);
        String message = refusal();
        assertTrue(message.startsWith(file + ": at byte " + (8 << 20)) && message.contains("(vectors)"), message);
        try (WorkerPool pool = new WorkerPool(2);
                ResponseIndex index = ResponseIndex.open(file, ResponseIndex.Verification.ENDS, pool)) {
            assertEquals("reply 2999", index.reply(2999));
        }
    }

    @Test
    void aFileCutAnywhereIsRefusedWhereItEnds() throws IOException {
        byte[] good = Files.readAllBytes(file);
        for (int length = 0; length < good.length; length += length < 300 ? 1 : 37) {
            Files.write(file, java.util.Arrays.copyOf(good, length));
            String message = refusal();
            assertTrue(message.contains("at byte " + length + ":"), length + ": " + message);
        }
        Files.write(file, java.util.Arrays.copyOf(good, good.length + 1));
        assertTrue(refusal().contains("1 bytes too many"));
    }

    @Test
    void headersThatLieWithARightChecksumAreRefused() throws IOException {
        byte[] good = Files.readAllBytes(file);
        long[][] lies = {{32, Integer.MAX_VALUE - 100L}, {32, Long.MAX_VALUE}, {32, 0}, {32, -1}, {32, 6}, {24, 0},
            {24, 70_000}, {24, -1}, {24, 8}, {12, 9}, {16, -1}, {80, Long.MAX_VALUE}, {80, Integer.MAX_VALUE - 64},
            {112, Long.MAX_VALUE / 4}, {112, -8}, {72, 0}, {120, 1L << 62}, {136, 0}, {28, 0}, {28, 1}, {150, 1}};
        for (long[] lie : lies) {
            byte[] bad = good.clone();
            ByteBuffer header = ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN);
            if (lie[0] < 32) header.putInt((int) lie[0], (int) lie[1]);
            else header.putLong((int) lie[0], lie[1]);
            CRC32C crc = new CRC32C();
            crc.update(bad, 0, 188);
            header.putInt(188, (int) crc.getValue());
            Files.write(file, bad);
            assertTrue(refusal().contains("at byte "), lie[0] + " = " + lie[1]);
        }
    }

    @Test
    void textOffsetsThatLieAreRefusedWhenUsed() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int offsets = (int) in.getLong(88);
        in.putLong(offsets + 8, Long.MAX_VALUE).putLong(offsets + 24, -1);
        in.put((int) in.getLong(104) + (int) in.getLong(offsets + 32) + 1, (byte) 0xFF);
        Files.write(file, bytes);
        try (WorkerPool pool = new WorkerPool(1);
                ResponseIndex index = ResponseIndex.open(file, ResponseIndex.Verification.ENDS, pool)) {
            for (int row = 0; row < index.count(); row++) {
                int r = row;
                assertTrue(assertThrows(BadInput.class, () -> index.reply(r)).getMessage().contains("reply " + r));
            }
        }
    }

    @Test
    void cosineScoresAreThoseOfUnitVectors() throws IOException {
        write(file, spec(Metric.COSINE, 2), List.of("a", "b", "c"), new float[][]{{3, 4}, {-100, 0}, {1e-30f, 0}});
        try (WorkerPool pool = new WorkerPool(1); ResponseIndex index = ResponseIndex.open(file)) {
            Hits hits = new ExactSearch(index, io.retort.simd.Kernels.best(), pool).search(new float[]{50, 0}, 3);
            assertEquals(List.of(new Hit(2, 1), new Hit(0, .6f), new Hit(1, -1)), hits.best());
        }
    }

    @Test
    void anotherModelIsRefusedWithTheCommandThatMendsIt() throws IOException {
        try (ResponseIndex index = ResponseIndex.open(file)) {
            index.requireModel(MODEL, "all-tests");
            ModelFingerprint other = new ModelFingerprint("cd".repeat(32));
            String message = assertThrows(BadInput.class, () -> index.requireModel(other, "tiny")).getMessage();
            assertTrue(message.contains("all-tests") && message.contains(MODEL.brief()), message);
            assertTrue(message.contains("make an index with tiny by `retort index`"), message);
        }
    }

    @Test
    void aMissingFileIsRefused() {
        file = folder.resolve("none");
        assertTrue(refusal().contains("no such file"));
        assertThrows(BadInput.class, () -> new ModelFingerprint("xyz"));
    }

    private String refusal() {
        return assertThrows(BadInput.class, () -> ResponseIndex.open(file).close()).getMessage();
    }
}
