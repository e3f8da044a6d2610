package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.settings.SettingsFile;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training, mining and their settings from a program, without the command line. */
@Isolated("takes the place of standard output")
class TrainingJobsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TrainingListener SILENT = new TrainingListener() {
    };

    @TempDir
    static Path shared;
    private static ComputeRuntime runtime;
    private static Path model;
    private static Path dialogues;

    @TempDir
    Path work;

    @BeforeAll
    static void makeData() throws IOException {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2));
        model = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
        List<String> talks = new ArrayList<>();
        for (int i = 0; i + 3 < TinyModel.WORDS.size(); i++) {
            List<String> words = TinyModel.WORDS.subList(i, i + 4);
            talks.add("{\"id\":\"%d\",\"turns\":[{\"s\":\"A\",\"t\":\"%s %s\"},{\"s\":\"B\",\"t\":\"%s %s\"}]}"
                    .formatted(i, words.get(0), words.get(1), words.get(2), words.get(3)));
        }
        dialogues = Files.write(shared.resolve("talks.jsonl"), talks);
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static TrainSettings small() {
        TrainSettings usual = TrainSettings.defaults();
        TrainSettings.Data data = new TrainSettings.Data(List.of(), List.of(), List.of(), 500, 4, 1, 20,
                io.retort.ingest.ReadingSettings.defaults());
        return usual.withModel(model.toString()).withData(data.of(dialogues))
                .withStudent(usual.student().withTokens(16, 8)).withBatches(usual.batches().withSize(4, 4)
                        .withNegatives(8, true, 0))
                .withLoop(usual.loop().withSteps(6).withValidateEvery(0))
                .withOptimizer(usual.optimizer().withLearningRate(1e-2)
                        .withSchedule(OptimizerSettings.Curve.LINEAR, 2));
    }

    /** Ends a job after so many steps. */
    private static TrainingListener stopper(Runnable stop, long step) {
        return new TrainingListener() {
            @Override
            public void stepped(StepReport report) {
                if (report.number() == step) stop.run();
            }
        };
    }

    @Test
    void aJobThatIsStoppedIsResumedToTheSameWeightsAndPrintsNothing() throws IOException {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true));
        try {
            Path whole = work.resolve("whole"), stopped = work.resolve("stopped");
            assertEquals(TrainingResult.Ending.DONE, TrainJob.begin(small(), whole).run(runtime, SILENT).ending());
            TrainJob first = TrainJob.begin(small(), stopped);
            TrainingResult half = first.run(runtime, stopper(first::stop, 3));
            assertEquals(TrainingResult.Ending.INTERRUPTED, half.ending());
            assertEquals(3, half.steps());
            TrainJob.resume(small(), stopped).run(runtime, SILENT);
            assertEquals(-1, Files.mismatch(whole.resolve("model.safetensors"), stopped.resolve("model.safetensors")));
        } finally {
            System.setOut(out);
        }
        assertEquals("", printed.toString());
    }

    @Test
    void aJobThatIsStoppedBeforeItBeginsTakesNoStep() throws IOException {
        TrainJob job = TrainJob.begin(small(), work.resolve("out"));
        job.stop();
        assertEquals(0, job.run(runtime, SILENT).steps());
    }

    @Test
    void dataAreReadBeforeTheFolderIsTouched() {
        Path out = work.resolve("out");
        TrainSettings missing = small().withData(small().data().of(work.resolve("none.jsonl")));
        assertThrows(BadInput.class, () -> TrainJob.begin(missing, out).run(runtime, SILENT));
        assertThrows(InvalidSetting.class, () -> TrainJob.begin(TrainSettings.defaults(), out).run(runtime, SILENT));
        assertFalse(Files.exists(out));
    }

    @Test
    void aReproductionHasTheSameBits() throws IOException {
        Path out = work.resolve("out");
        TrainJob.begin(small(), out).run(runtime, SILENT);
        ReproduceJob again = ReproduceJob.of(out, work.resolve("again"));
        assertEquals(small(), again.settings().task());
        assertTrue(again.run(runtime, SILENT).weights().orElseThrow().identical());
    }

    @Test
    void aRunKeepsAllItsSettingsAndTheEngineInUse() throws IOException {
        Path out = work.resolve("out");
        TrainJob.begin(small(), out).run(runtime, SILENT);
        ObjectNode kept = SettingsFile.read(out.resolve("training/config.json"));
        assertEquals("retrieval", kept.remove("task").asText());
        assertEquals(runtime.engineName(), kept.remove("engine").asText());
        assertEquals(2, kept.remove("threads").asInt());
        SettingsCodec<TrainSettings> codec = SettingsCodec.of(TrainSettings.class);
        assertEquals(small(), codec.read(kept, codec.defaults(), out));
        assertEquals(codec.write(small()).properties().size(), kept.size());
    }

    @Test
    void minedNegativesAreTheBestRepliesThatAreNoCandidatesAndResumingGivesTheSameBytes() throws IOException {
        MineSettings settings = new MineSettings(model.toString(), List.of(dialogues),
                io.retort.ingest.ReadingSettings.defaults(), 4, 1, 3, 1,
                Optional.empty());
        Path out = work.resolve("negatives.jsonl"), later = work.resolve("later.jsonl");
        MineJob.Result result = new MineJob(settings, out).run(runtime, Progress.NONE, _ -> {
        });
        List<String> lines = Files.readAllLines(out);
        assertEquals(result.contexts(), lines.size());
        List<String> own = Files.readAllLines(dialogues);
        List<String> replies = own.stream().map(TrainingJobsTest::reply).distinct().toList();
        try (RetrievalModel student = ModelFolder.open(model).load(runtime.engine())) {
            float[][] vectors = student.encodeReplies(replies, Progress.NONE);
            for (int i = 0; i < lines.size(); i++) {
                JsonNode line = JSON.readTree(lines.get(i));
                assertEquals(i + "#1", line.get("id").asText());
                String context = JSON.readTree(own.get(i)).at("/turns/0/t").asText(), right = reply(own.get(i));
                float[] scores = student.score(new Context(List.of(context)), vectors);
                List<String> best = Stream.iterate(0, place -> place < scores.length, place -> place + 1)
                        .filter(place -> !replies.get(place).equals(right))
                        .sorted(Comparator.comparingDouble(place -> -scores[place])).map(replies::get).skip(1).limit(3)
                        .toList();
                assertArrayEquals(best.toArray(), JSON.convertValue(line.get("negatives"), List.class).toArray(),
                        context);
            }
        }
        MineJob stopped = new MineJob(settings, later);
        stopped.stop();
        assertTrue(stopped.run(runtime, Progress.NONE, _ -> {
        }).interrupted());
        assertFalse(Files.exists(later));
        new MineJob(settings, later).run(runtime, Progress.NONE, _ -> {
        });
        assertEquals(-1, Files.mismatch(out, later));
        TrainSettings listed = small().withData(small().data().withNegativesFrom(List.of(out)));
        assertEquals(TrainingResult.Ending.DONE,
                TrainJob.begin(listed, work.resolve("out")).run(runtime, SILENT).ending());
    }

    private static String reply(String line) {
        try {
            return JSON.readTree(line).at("/turns/1/t").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Class<? extends Record>> settings() {
        return Stream.of(TrainSettings.class, TuneSettings.class, MineSettings.class, ExperimentSettings.class,
                ExportSettings.class);
    }

    @ParameterizedTest
    @MethodSource("settings")
    <T extends Record> void defaultsOfAJobAreReadAsTheyAreWritten(Class<T> type) {
        SettingsCodec<T> codec = SettingsCodec.of(type);
        ObjectNode written = codec.write(codec.defaults());
        assertEquals(codec.defaults(), codec.read(written, codec.defaults(), Path.of("settings.json")));
        assertEquals(written, codec.rewrite(written, Path.of("settings.json")));
    }

    @Test
    void refusalsNameTheParameterAndNoOption() {
        TrainSettings usual = TrainSettings.defaults();
        for (Map.Entry<String, Runnable> refused : Map.<String, Runnable>of("steps is 0",
                () -> usual.loop().withSteps(0), "learningRate is -1.0", () -> usual.optimizer().withLearningRate(-1),
                "patience is 2", () -> usual.withLoop(usual.loop().withPatience(2)), "dropout is 0.7",
                () -> usual.student().withDropout(0.7), "negatives is 0",
                () -> usual.withBatches(usual.batches().withNegatives(0, false, 0)), "loraAlpha",
                () -> new TuneSettings("m", TuneSettings.Data.defaults(), 1, 4096, TuneSettings.StoredType.F32, 0,
                        Optional.of(2.0), Optional.empty(), PromptSettings.defaults(), 1, LoopSettings.defaults(),
                        OptimizerSettings.defaults()))
                .entrySet()) {
            String message = assertThrows(IllegalArgumentException.class, refused.getValue()::run).getMessage();
            assertTrue(message.contains(refused.getKey()) && !message.contains("--"), message);
        }
    }
}
