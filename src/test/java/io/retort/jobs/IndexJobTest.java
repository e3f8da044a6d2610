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
import java.util.List;
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
}
