package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.runtime.RuntimeSettings;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs with their default numbers do what they can with a handful of dialogues, and say what they changed. */
class SmallDataTest {
    @TempDir
    static Path shared;
    private static ComputeRuntime runtime;
    private static Path model;

    @TempDir
    Path work;

    @BeforeAll
    static void open() throws IOException {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2));
        model = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    /** So many dialogues of three turns, no two of their replies the same. */
    private Path dialogues(int count) throws IOException {
        List<String> words = TinyModel.WORDS, lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String own = words.get(i % words.size()) + " " + words.get((i * 7 + i / words.size()) % words.size());
            lines.add("""
                    {"id": "%d", "turns": [{"s": "A", "t": "%s"}, {"s": "B", "t": "yes %s tea"}, {"s": "A", "t": \
                    "no %s now"}]}""".formatted(i, own, own, own));
        }
        return Files.write(work.resolve("talks.jsonl"), lines);
    }

    /** What a training run told of itself, and its losses. */
    private static final class Heard implements TrainingListener {
        final List<String> notes = new ArrayList<>();
        final List<Double> losses = new ArrayList<>();
        final List<Long> examples = new ArrayList<>();

        @Override
        public void noted(String note) {
            notes.add(note);
        }

        @Override
        public void stepped(StepReport report) {
            losses.add(report.losses().firstEntry().getValue());
            examples.add(report.examples());
        }
    }

    private TrainSettings train(Path data, long steps) {
        TrainSettings usual = TrainSettings.defaults();
        return usual.withModel(model.toString()).withData(usual.data().of(data))
                .withStudent(usual.student().withTokens(16, 8)).withLoop(usual.loop().withSteps(steps));
    }

    @ParameterizedTest
    @CsvSource({"3, 6", "10, 20", "40, 48"})
    void aStudentIsTrainedOnWhatThereIs(int dialogues, int batch) throws IOException {
        Heard heard = new Heard();
        TrainingResult result = TrainJob.begin(train(dialogues(dialogues), 5), work.resolve("out")).run(runtime, heard);
        assertEquals(TrainingResult.Ending.DONE, result.ending());
        assertEquals(List.of((long) batch), heard.examples.stream().distinct().toList());
        for (double loss : heard.losses) assertTrue(loss > 0, "there is something to tell the reply from: " + loss);
        assertEquals(batch < 48, heard.notes.contains("a batch has " + batch + " contexts instead of 48: there are no "
                + "more"), heard.notes.toString());
        assertTrue(heard.notes.stream().anyMatch(note -> note.startsWith("other contexts' replies are negatives, too")),
                heard.notes.toString());
        assertTrue(heard.notes.contains("the warm-up takes 0 steps instead of 100: the run has 5"),
                heard.notes.toString());
    }

    @Test
    void enoughDataChangeNothingAndNothingIsTold() throws IOException {
        Heard heard = new Heard();
        TrainSettings usual = train(dialogues(40), 5);
        TrainJob.begin(usual.withBatches(usual.batches().withSize(8, 10).withNegatives(16, false, 0)).withOptimizer(
                usual.optimizer().withSchedule(OptimizerSettings.Curve.LINEAR, 2)), work.resolve("out")).run(runtime,
                        heard);
        assertEquals(List.of(), heard.notes);
    }

    @Test
    void minedNegativesFollowTheSmallerBatch() throws IOException {
        Heard heard = new Heard();
        TrainSettings usual = train(dialogues(3), 4);
        TrainJob.begin(usual.withBatches(usual.batches().withNegatives(0, true, 2)), work.resolve("out")).run(runtime,
                heard);
        assertEquals(List.of(6L), heard.examples.stream().distinct().toList());
    }

    @Test
    void anInterruptedSmallRunGoesOnToTheSameBits() throws IOException {
        TrainSettings settings = train(dialogues(3), 6);
        Path whole = work.resolve("whole"), stopped = work.resolve("stopped");
        TrainJob.begin(settings, whole).run(runtime, new Heard());
        TrainJob first = TrainJob.begin(settings, stopped);
        first.run(runtime, new TrainingListener() {
            @Override
            public void stepped(StepReport report) {
                if (report.number() == 3) first.stop();
            }
        });
        TrainJob.resume(settings, stopped).run(runtime, new Heard());
        assertEquals(-1, Files.mismatch(whole.resolve("model.safetensors"), stopped.resolve("model.safetensors")));
    }

    @Test
    void oneReplyTeachesNothing() throws IOException {
        Path data = Files.writeString(work.resolve("one.jsonl"),
                "{\"id\": \"1\", \"turns\": [{\"s\": \"A\", \"t\": \"tea\"}, {\"s\": \"B\", \"t\": \"yes you do\"}]}\n");
        String message = assertThrows(BadInput.class, () -> TrainJob.begin(train(data, 5), work.resolve("out")).run(
                runtime, new Heard())).getMessage();
        assertTrue(message.contains("only one reply"), message);
        assertFalse(Files.exists(work.resolve("out")));
    }

    @ParameterizedTest
    @CsvSource({"3, 5", "10, 19", "40, 20"})
    void anEvaluationRanksAmongAsManyAsThereAre(int dialogues, int candidates) throws IOException {
        List<String> notes = new ArrayList<>();
        EvaluateResult result = new EvaluateJob(EvaluateSettings.defaults().withModel(model.toString()).withData(
                dialogues(dialogues))).run(runtime, new EvaluateJob.Listener() {
                    @Override
                    public void update(long done, long total) {
                        assertTrue(done <= total);
                    }

                    @Override
                    public void noted(String note) {
                        notes.add(note);
                    }
                });
        assertEquals(2 * dialogues, ((EvaluateResult.OfModel) result).metrics().contexts());
        assertEquals(candidates < 20, notes.stream().anyMatch(
                note -> note.contains("each context has " + candidates + " candidates instead of 20")), notes.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 40})
    void negativesAreMinedOutOfWhatThereIs(int dialogues) throws IOException {
        List<String> news = new ArrayList<>();
        MineJob.Result mined = new MineJob(MineSettings.defaults().withModel(model.toString()).withData(
                List.of(dialogues(dialogues))), work.resolve("negatives.jsonl")).run(runtime, Progress.NONE, news::add);
        assertEquals(2 * dialogues, mined.contexts());
        assertEquals(2L * dialogues * 4, mined.negatives());
        assertEquals(List.of(), news);
    }

    @Test
    void fewerRepliesThanNegativesAreTold() throws IOException {
        List<String> news = new ArrayList<>();
        MineJob.Result mined = new MineJob(MineSettings.defaults().withModel(model.toString()).withData(
                List.of(dialogues(2))), work.resolve("negatives.jsonl")).run(runtime, Progress.NONE, news::add);
        assertEquals(4 * 2, mined.negatives());
        assertEquals(List.of("there are only 4 replies in all: some contexts get 2 negatives instead of 4"), news);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 40})
    void anExperimentComparesWhatThereIs(int dialogues) throws IOException {
        Path data = dialogues(dialogues);
        Path test = Files.writeString(work.resolve("test.jsonl"), """
                {"id": "1", "context": ["hello"], "positive": ["hi you"], "random": ["tea", "fish"]}
                {"id": "2", "context": ["tea"], "positive": ["yes always"], "random": ["cat", "dog"]}
                """);
        ExperimentSettings settings = ExperimentSettings.defaults().withTrain(train(data, 3)).withGrid(
                List.of(ComparedMethod.BASELINE), List.of(1L)).withTests(List.of(test)).withContexts(data, 200);
        ExperimentJob.Result result = new ExperimentJob(settings, work.resolve("experiment")).run(runtime,
                ExperimentJob.Listener.NONE);
        assertFalse(result.interrupted());
        assertFalse(result.summary().isEmpty());
        assertTrue(Files.size(result.page()) > 0);
    }
}
