package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.dialogue.Exchange;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index keyed by contexts keeps them, in version 3 of its format; others are written as they always were. */
class ReplyContextsTest {
    private static final Context TEA = Context.of("do you want tea", "yes", "\u00fcber \u4f60 \ud83c\udf75"),
            RAIN = Context.of("rain"), RUN = Context.of("we run", "why");

    @TempDir
    static Path models;
    private static ModelFolder folder;
    private static RetrievalModel model;

    @TempDir
    Path work;

    @BeforeAll
    static void load() throws IOException {
        folder = TinyModel.biEncoder(models.resolve("tiny"), 1);
        model = folder.load(Engine.stock());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static IndexBuilder builder() throws IOException {
        return new IndexBuilder(model, "tiny", new ModelFingerprint(folder.fingerprint()), Metric.INNER_PRODUCT);
    }

    private static IndexedReplies replies(KeyedBy key) {
        IndexedReplies replies = new IndexedReplies(key);
        replies.add(new Exchange(TEA, "good tea", "d", 3));
        replies.add(new Exchange(RAIN, "no", "d", 1));
        replies.add(new Exchange(RUN, "no", "d", 2));
        return replies;
    }

    private Path build(KeyedBy key) throws IOException {
        Path file = work.resolve(key + ".index");
        builder().build(replies(key), file, Progress.NONE);
        return file;
    }

    private static int version(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
    }

    @Test
    void keyedByContextsAnIndexGivesThemBack() throws IOException {
        for (KeyedBy key : List.of(KeyedBy.CONTEXT, KeyedBy.BOTH)) {
            Path file = build(key);
            assertEquals(3, version(file));
            try (ResponseIndex index = ResponseIndex.open(file)) {
                assertTrue(index.hasContexts());
                assertFalse(index.hasReplyMetadata());
                assertEquals(List.of(TEA), index.contexts(0));
                assertEquals(List.of(RAIN, RUN), index.contexts(1));
                assertEquals("no", index.reply(1));
                assertThrows(IndexOutOfBoundsException.class, () -> index.contexts(2));
            }
        }
    }

    @Test
    void keyedByRepliesAnIndexKeepsNoneAndItsVersion() throws IOException {
        Path file = build(KeyedBy.REPLY);
        assertEquals(1, version(file));
        try (ResponseIndex index = ResponseIndex.open(file)) {
            assertFalse(index.hasContexts());
            assertEquals(List.of(), index.contexts(1));
            assertThrows(IndexOutOfBoundsException.class, () -> index.contexts(2));
        }
    }

    @Test
    void theyStayWithTheirRepliesWhenIndexesGrowTogether() throws IOException {
        Path file = build(KeyedBy.BOTH), other = work.resolve("other.index"), merged = work.resolve("merged.index");
        IndexedReplies more = new IndexedReplies(KeyedBy.BOTH);
        more.add(new Exchange(RUN, "good tea", "e", 1)); // is there already
        more.add(new Exchange(RUN, "hello", "e", 1));
        builder().build(more, other, Progress.NONE);
        try (WorkerPool pool = new WorkerPool(1)) {
            IndexMerge.merge(List.of(other, file), merged, pool, Progress.NONE);
        }
        builder().append(file, more, file, Progress.NONE);
        try (ResponseIndex grown = ResponseIndex.open(file); ResponseIndex both = ResponseIndex.open(merged)) {
            assertEquals(List.of(List.of(TEA), List.of(RAIN, RUN), List.of(RUN)),
                    List.of(grown.contexts(0), grown.contexts(1), grown.contexts(2)));
            assertEquals(List.of("good tea", "hello", "no"), List.of(both.reply(0), both.reply(1), both.reply(2)));
            assertEquals(List.of(List.of(RUN), List.of(RUN), List.of(RAIN, RUN)),
                    List.of(both.contexts(0), both.contexts(1), both.contexts(2)));
        }
    }

    @Test
    void anInterruptedBuildGoesOnWithTheSameContextsAlone() throws IOException {
        Path file = work.resolve("interrupted.index"), whole = work.resolve("whole.index");
        Progress interruption = (done, _) -> {
            if (done == 1) throw new IllegalStateException("interrupted");
        };
        assertThrows(IllegalStateException.class,
                () -> builder().inChunksOf(1).build(replies(KeyedBy.BOTH), file, interruption));
        assertEquals(1, builder().inChunksOf(1).build(replies(KeyedBy.BOTH), file, Progress.NONE));
        // The stock engine's vectors of a text differ by bits with its company, on some machines, so chunks are the same.
        builder().inChunksOf(1).build(replies(KeyedBy.BOTH), whole, Progress.NONE);
        assertEquals(-1, Files.mismatch(whole, file));
    }

    @Test
    void whatIsNoContextIsRefusedByRowAndFile() throws IOException {
        Path file = build(KeyedBy.BOTH);
        byte[] bytes = Files.readAllBytes(file);
        int at = indexOf(bytes, "[[\"rain\"]");
        for (String bad : List.of("[[\"rain\"}", "{[\"rain\"]", "[[ null ]", "[\"rain\" ]", "[[\"rai\u0001\"]")) {
            byte[] altered = Arrays.copyOf(bytes, bytes.length);
            byte[] with = bad.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(with, 0, altered, at, with.length);
            Files.write(file, altered);
            try (WorkerPool pool = new WorkerPool(1);
                    ResponseIndex index = ResponseIndex.open(file, ResponseIndex.Verification.ENDS, pool)) {
                String message = assertThrows(BadInput.class, () -> index.contexts(1), bad).getMessage();
                assertTrue(message.contains("contexts of reply 1") && message.contains(file.toString()), message);
                assertEquals(List.of(TEA), index.contexts(0));
            }
        }
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }
}
