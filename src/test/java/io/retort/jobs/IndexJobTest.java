package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.IndexBuilder;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ResponseIndex;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexJobTest {
    @TempDir
    static Path shared;
    private static ComputeRuntime runtime;
    private static ModelFolder model;
    private static Path talks;

    @TempDir
    Path work;

    @BeforeAll
    static void open() throws IOException {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1));
        model = TinyModel.biEncoder(shared.resolve("tiny"), 1);
        talks = Files.writeString(shared.resolve("talks.jsonl"), """
                {"id": "1", "turns": [{"s": "A", "t": "hello"}, {"s": "B", "t": "hi you"}, {"s": "A", "t": "good"}]}
                {"id": "2", "turns": [{"s": "A", "t": "tea"}, {"s": "B", "t": "Good"}]}
                """);
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static IndexSettings settings() {
        return IndexSettings.defaults().withData(List.of(talks));
    }

    @Test
    void anIndexIsBuiltAndAppendedToWithItsOwnKeyAndMetric() throws IOException {
        Path index = work.resolve("index");
        List<Long> seen = new ArrayList<>();
        IndexJob.Result built = new IndexJob(settings().withKey(KeyedBy.BOTH).withMetric(Metric.COSINE)).build(runtime,
                model.path(), index, (done, all) -> seen.add(done));
        assertEquals(2, built.replies());
        assertEquals(2, built.added());
        assertEquals(1, built.duplicates());
        assertEquals(Files.size(index), built.bytes());
        assertEquals(2, seen.getLast());
        Path more = Files.writeString(work.resolve("more.jsonl"), """
                {"id": "1", "turns": [{"s": "A", "t": "rain"}, {"s": "B", "t": "sun"}, {"s": "A", "t": "good"}]}
                """);
        // Neither key nor metric is said: those of the index count.
        IndexJob.Result appended = new IndexJob(IndexSettings.defaults().withData(List.of(more))).append(runtime,
                model.path(),
                index, index, Progress.NONE);
        assertEquals(3, appended.replies());
        assertEquals(1, appended.added());
        try (ResponseIndex open = ResponseIndex.open(index)) {
            assertEquals("sun", open.reply(2));
            assertEquals(Metric.COSINE, open.metric());
            assertEquals(KeyedBy.BOTH, IndexBuilder.keyOf(open));
        }
        String message = assertThrows(BadInput.class, () -> new IndexJob(settings().withKey(KeyedBy.REPLY)).append(
                runtime, model.path(), index, index, Progress.NONE)).getMessage();
        assertTrue(message.contains("its key is both, not reply") && !message.contains("--"), message);
    }

    @Test
    void shortRepliesOfDialoguesMayBeLeftOutAndAreCounted() throws IOException {
        Path index = work.resolve("index");
        IndexJob.Result built = new IndexJob(settings().withMinWords(2)).build(runtime, model.path(), index,
                Progress.NONE);
        assertEquals(1, built.replies());
        assertEquals(2, built.tooShort());
        IndexJob.Result appended = new IndexJob(settings().withMinWords(2)).append(runtime, model.path(), index, index,
                Progress.NONE);
        assertEquals(0, appended.added());
        assertEquals(2, appended.tooShort());
    }

    @Test
    void settingsComeBackFromTheirFile() {
        SettingsCodec<IndexSettings> codec = SettingsCodec.of(IndexSettings.class);
        for (IndexSettings each : List.of(IndexSettings.defaults(), settings().withKey(KeyedBy.CONTEXT).withHistory(2)
                .withMinWords(0).withMetric(Metric.INNER_PRODUCT))) {
            assertEquals(each, codec.read(codec.write(each), IndexSettings.defaults(), work.resolve("config.json")));
        }
    }

    @Test
    void whatCannotBeDoneIsRefusedByName() {
        Path index = work.resolve("index");
        InvalidSetting missing = assertThrows(InvalidSetting.class,
                () -> new IndexJob(IndexSettings.defaults()).build(runtime, model.path(), index, Progress.NONE));
        assertEquals("data", missing.parameter());
        assertThrows(InvalidSetting.class, () -> settings().withHistory(0));
        assertThrows(InvalidSetting.class, () -> settings().withMinWords(-1));
        assertThrows(BadInput.class, () -> new IndexJob(settings()).append(runtime, model.path(), index, index,
                Progress.NONE));
        assertFalse(Files.exists(index));
    }

    @Test
    void theKeyIsBothWhereAllRepliesHaveContextsAndElseTheReply() throws IOException {
        Path replies = Files.writeString(work.resolve("replies.txt"), "rain\n");
        IndexJob.Result both = new IndexJob(settings()).build(runtime, model.path(), work.resolve("both"),
                Progress.NONE);
        assertEquals(KeyedBy.BOTH, both.key());
        assertEquals("tiny", both.model());
        IndexJob.Result asked = new IndexJob(settings().withKey(KeyedBy.BOTH)).build(runtime, model.path(),
                work.resolve("asked"), Progress.NONE);
        assertEquals(KeyedBy.BOTH, asked.key());
        assertEquals(-1, Files.mismatch(work.resolve("both"), work.resolve("asked")));
        IndexJob.Result mixed = new IndexJob(settings().withData(List.of(talks, replies))).build(runtime,
                model.path(), work.resolve("mixed"), Progress.NONE);
        assertEquals(KeyedBy.REPLY, mixed.key());
        new IndexJob(settings().withData(List.of(talks, replies)).withKey(KeyedBy.REPLY)).build(runtime, model.path(),
                work.resolve("reply"), Progress.NONE);
        assertEquals(-1, Files.mismatch(work.resolve("mixed"), work.resolve("reply")));
        Path poly = TinyModel.polyEncoder(work.resolve("poly"), 1).path();
        assertEquals(KeyedBy.REPLY, new IndexJob(settings()).build(runtime, poly, work.resolve("of-poly"),
                Progress.NONE).key());
        for (String name : List.of("both", "mixed")) {
            try (ResponseIndex open = ResponseIndex.open(work.resolve(name))) {
                assertEquals(name.equals("both") ? KeyedBy.BOTH : KeyedBy.REPLY, IndexBuilder.keyOf(open));
            }
        }
    }

    @Test
    void theSameIndexAgainIsNothingToDo() throws IOException {
        Path index = work.resolve("index");
        new IndexJob(settings()).build(runtime, model.path(), index, Progress.NONE);
        byte[] before = Files.readAllBytes(index);
        var changed = Files.getLastModifiedTime(index);
        IndexJob.Result again = new IndexJob(settings()).build(runtime, model.path(), index, (_, _) -> {
            throw new AssertionError("nothing is encoded");
        });
        assertTrue(again.wasThere());
        assertEquals(2, again.replies());
        assertEquals(0, again.added());
        assertEquals(changed, Files.getLastModifiedTime(index));
        assertEquals(Arrays.toString(before), Arrays.toString(Files.readAllBytes(index)));
    }

    @Test
    void nothingElseIsReplacedUnlessItIsForcedOrAllowed() throws IOException {
        Path index = work.resolve("index");
        new IndexJob(settings()).build(runtime, model.path(), index, Progress.NONE);
        Path other = Files.writeString(work.resolve("other.jsonl"), """
                {"id": "1", "turns": [{"s": "A", "t": "rain"}, {"s": "B", "t": "hi you"}, {"s": "A", "t": "good"}]}
                {"id": "2", "turns": [{"s": "A", "t": "tea"}, {"s": "B", "t": "Good"}]}
                """);
        Path second = TinyModel.biEncoder(work.resolve("second"), 2).path();
        assertRefused("keyed by both, not by reply", settings().withKey(KeyedBy.REPLY), model.path(), index);
        assertRefused("whose metric is inner-product, not cosine", settings().withMetric(Metric.COSINE), model.path(),
                index);
        assertRefused("made with tiny (", settings(), second, index);
        assertRefused("other contexts", settings().withData(List.of(other)), model.path(), index);
        assertRefused("other data, with 2 replies", settings().withMinWords(2), model.path(), index);
        Path text = Files.writeString(work.resolve("notes.txt"), "mine\n");
        assertRefused("no whole response index", settings(), model.path(), text);
        assertEquals("mine\n", Files.readString(text));
        assertThrows(BadInput.class, () -> new IndexJob(IndexSettings.defaults().withData(List.of(text)).withForce(
                true)).build(runtime, model.path(), text, Progress.NONE), "the data themselves");

        List<String> asked = new ArrayList<>();
        IndexSettings reply = settings().withKey(KeyedBy.REPLY);
        assertThrows(BadInput.class, () -> new IndexJob(reply, (file, holds) -> {
            asked.add(file + " " + holds);
            return false;
        }).build(runtime, model.path(), index, Progress.NONE));
        assertEquals(List.of(index + " is an index keyed by both, not by reply"), asked);
        assertEquals(KeyedBy.REPLY, new IndexJob(reply, (_, _) -> true).build(runtime, model.path(), index,
                Progress.NONE).key());
        assertEquals(KeyedBy.BOTH, new IndexJob(settings().withForce(true)).build(runtime, model.path(), index,
                Progress.NONE).key());
    }

    private static void assertRefused(String why, IndexSettings settings, Path student, Path index)
            throws IOException {
        byte[] before = Files.readAllBytes(index);
        String message = assertThrows(BadInput.class, () -> new IndexJob(settings).build(runtime, student, index,
                Progress.NONE)).getMessage();
        assertTrue(message.contains(index.toString()) && message.contains(why) && message.contains("\"force\""),
                message);
        assertFalse(message.contains("--"), message);
        assertEquals(Arrays.toString(before), Arrays.toString(Files.readAllBytes(index)));
    }

    @Test
    void whatWasBegunByOtherSettingsIsKeptToo() throws IOException {
        Path index = work.resolve("index");
        Path many = work.resolve("many.txt");
        Files.write(many, IntStream.range(0, 3000).mapToObj(i -> "tea " + i).toList());
        IndexSettings lines = settings().withData(List.of(many));
        assertThrows(IllegalStateException.class, () -> new IndexJob(lines).build(runtime, model.path(), index,
                (done, _) -> {
                    if (done >= 2048) throw new IllegalStateException("killed");
                }));
        String message = assertThrows(BadInput.class, () -> new IndexJob(lines.withMetric(Metric.COSINE)).build(
                runtime, model.path(), index, Progress.NONE)).getMessage();
        assertTrue(message.contains("is begun, as an index of something else"), message);
        assertEquals(2048, new IndexJob(lines).build(runtime, model.path(), index, Progress.NONE).resumedAt());
    }
}
