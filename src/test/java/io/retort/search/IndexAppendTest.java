package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Response;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexAppendTest {
    @TempDir
    static Path models;
    private static ModelFolder folder;
    private static RetrievalModel model;

    @TempDir
    Path work;
    private Path index;

    @BeforeAll
    static void load() throws IOException {
        folder = TinyModel.biEncoder(models.resolve("tiny"), 1);
        model = folder.load(Engine.best(1));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @BeforeEach
    void name() {
        index = work.resolve("index");
    }

    private static IndexBuilder builder(Metric metric) throws IOException {
        return new IndexBuilder(model, "tiny", new ModelFingerprint(folder.fingerprint()), metric);
    }

    private static IndexedReplies replies(String... texts) {
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        for (String text : texts) replies.add(text);
        return replies;
    }

    private static IndexedReplies words(int from, int to) {
        return replies(TinyModel.WORDS.subList(from, to).toArray(String[]::new));
    }

    private Path build(String name, Metric metric, IndexedReplies replies) throws IOException {
        builder(metric).build(replies, work.resolve(name), Progress.NONE);
        return work.resolve(name);
    }

    @Test
    void whatIsAppendedToIsTheIndexOfAllRepliesBitForBit() throws IOException {
        for (Metric metric : Metric.values()) {
            Path whole = build("whole", metric, words(0, 30));
            build("index", metric, words(0, 11));
            // The metric is that of the index, whatever the builder would choose for a new one.
            IndexBuilder.Appended first = builder(Metric.INNER_PRODUCT).append(index, words(11, 12), index,
                    Progress.NONE);
            assertEquals(new IndexBuilder.Appended(12, 1, 0, 0), first);
            assertEquals(18, builder(metric).append(index, words(12, 30), index, Progress.NONE).added());
            assertEquals(-1, Files.mismatch(whole, index), metric.toString());
        }
    }

    @Test
    void repliesThatAreThereInAnySpellingAreCountedAndLeftOutButBringTheirMetadata() throws IOException {
        build("index", Metric.INNER_PRODUCT, replies("tea .", "no", "yes"));
        IndexedReplies more = replies("YES", "Tea.", "home", "Home");
        more.add(new Response("NO", Optional.of(Map.of("n", 1))));
        IndexBuilder.Appended appended = builder(Metric.INNER_PRODUCT).append(index, more, index, Progress.NONE);
        assertEquals(new IndexBuilder.Appended(4, 1, 4, 0), appended);
        try (ResponseIndex open = ResponseIndex.open(index)) {
            assertEquals("tea .", open.reply(0));
            assertEquals("home", open.reply(3));
            assertEquals(Optional.of(Map.of("n", 1)), open.metadata(1));
            assertEquals(4, open.spec().metadata().get("replies").asInt());
        }
        byte[] before = Files.readAllBytes(index);
        assertEquals(0, builder(Metric.INNER_PRODUCT).append(index, more, index, Progress.NONE).added());
        assertArrayEquals(before, Files.readAllBytes(index));
    }

    @Test
    void appendingToAnotherFileLeavesTheIndexAlone() throws IOException {
        build("index", Metric.INNER_PRODUCT, words(0, 5));
        byte[] before = Files.readAllBytes(index);
        builder(Metric.INNER_PRODUCT).append(index, words(5, 9), work.resolve("more"), Progress.NONE);
        assertArrayEquals(before, Files.readAllBytes(index));
        assertEquals(-1, Files.mismatch(build("whole", Metric.INNER_PRODUCT, words(0, 9)), work.resolve("more")));
    }

    @Test
    void interruptedItLeavesTheIndexWholeAndGoesOn() throws IOException {
        Path whole = build("whole", Metric.INNER_PRODUCT, words(0, 20));
        build("index", Metric.INNER_PRODUCT, words(0, 8));
        byte[] before = Files.readAllBytes(index);
        for (long stop : new long[]{0, 8, 14}) {
            Progress interruption = (done, all) -> {
                if (done == stop) throw new IllegalStateException("interrupted");
            };
            assertThrows(IllegalStateException.class, () -> builder(Metric.INNER_PRODUCT).inChunksOf(2).append(index,
                    words(8, 20), index, interruption));
            assertArrayEquals(before, Files.readAllBytes(index));
        }
        IndexBuilder.Appended ended = builder(Metric.INNER_PRODUCT).inChunksOf(2).append(index, words(8, 20), index,
                Progress.NONE);
        assertEquals(14, ended.resumedAt());
        assertEquals(-1, Files.mismatch(whole, index));
    }

    @Test
    void anIndexThatIsBeingWrittenIsLeftToItsWriter() throws IOException {
        build("index", Metric.INNER_PRODUCT, words(0, 5));
        byte[] before = Files.readAllBytes(index);
        try (IndexWriter _ = IndexWriter.resumeOrCreate(index, ResponseIndexTest.spec(Metric.COSINE, 2),
                List.of("x"))) {
            String message = assertThrows(BadInput.class, () -> builder(Metric.INNER_PRODUCT).append(index, words(7, 9),
                    index, Progress.NONE)).getMessage();
            assertTrue(message.contains("somebody else is writing this index"), message);
        }
        assertArrayEquals(before, Files.readAllBytes(index));
    }

    @Test
    void whatManyAppendAtOnceIsAllThereInTheEnd() throws Exception {
        build("index", Metric.INNER_PRODUCT, words(0, 1));
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 4; t++) {
                int first = 1 + 8 * t;
                running.add(threads.submit(() -> {
                    for (int word = first; word < first + 8; word++) {
                        while (!isAppended(word)) Thread.onSpinWait();
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) each.get();
        }
        try (ResponseIndex open = ResponseIndex.open(index)) {
            Set<String> there = new HashSet<>();
            for (int row = 0; row < open.count(); row++) there.add(open.reply(row));
            assertEquals(Set.copyOf(TinyModel.WORDS.subList(0, 33)), there);
        }
    }

    /** False if another was at work. */
    private boolean isAppended(int word) throws IOException {
        try {
            builder(Metric.INNER_PRODUCT).append(index, words(word, word + 1), index, Progress.NONE);
            return true;
        } catch (BadInput e) {
            assertTrue(e.getMessage().contains("somebody else"), e.getMessage());
            return false;
        }
    }

    @Test
    void keyedByContextsTheVectorsThatAreThereStay() throws IOException {
        IndexedReplies first = new IndexedReplies(KeyedBy.CONTEXT), more = new IndexedReplies(KeyedBy.CONTEXT);
        first.add(new Exchange(Context.of("hello", "hi"), "you", "d", 2));
        more.add(new Exchange(Context.of("rain"), "sun", "d", 1));
        more.add(new Exchange(Context.of("tea", "no", "yes"), "You", "d", 3));
        build("index", Metric.INNER_PRODUCT, first);
        float[] before;
        try (ResponseIndex open = ResponseIndex.open(index)) {
            before = open.vectors().read(0);
        }
        assertEquals(1, builder(Metric.INNER_PRODUCT).append(index, more, index, Progress.NONE).duplicates());
        try (ResponseIndex open = ResponseIndex.open(index)) {
            assertArrayEquals(before, open.vectors().read(0));
            assertArrayEquals(model.encodeContext(model.inputs().context(Context.of("rain"))),
                    open.vectors().read(1), 1e-5f);
            assertEquals(3, IndexBuilder.historyOf(open));
            assertEquals(KeyedBy.CONTEXT, IndexBuilder.keyOf(open));
        }
    }

    @Test
    void anotherModelsIndexAndOtherKeysAreRefused() throws IOException {
        build("index", Metric.INNER_PRODUCT, words(0, 5));
        byte[] before = Files.readAllBytes(index);
        IndexBuilder other = new IndexBuilder(model, "other", new ModelFingerprint("cd".repeat(32)),
                Metric.INNER_PRODUCT);
        String message = assertThrows(BadInput.class, () -> other.append(index, words(5, 6), index, Progress.NONE))
                .getMessage();
        assertTrue(message.contains("made with tiny") && message.contains("not with other"), message);
        IndexedReplies byContext = new IndexedReplies(KeyedBy.CONTEXT);
        byContext.add(new Exchange(Context.of("rain"), "sun", "d", 1));
        message = assertThrows(BadInput.class, () -> builder(Metric.INNER_PRODUCT).append(index, byContext, index,
                Progress.NONE)).getMessage();
        assertTrue(message.contains("keyed by reply, not context"), message);
        assertThrows(BadInput.class, () -> builder(Metric.INNER_PRODUCT).append(work.resolve("none"), words(0, 1),
                work.resolve("none"), Progress.NONE));
        assertArrayEquals(before, Files.readAllBytes(index));
        assertFalse(Files.exists(work.resolve("none")));
    }
}
