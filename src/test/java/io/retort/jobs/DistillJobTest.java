package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Turn;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.files.Progress;
import io.retort.generate.Decoding;
import io.retort.generate.TinyTeacher;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.StepReport;
import io.retort.learn.TrainingListener;
import io.retort.reply.ModelResponder;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.BotFolder;
import io.retort.store.TinyModel;
import io.retort.teacher.RuleTeacher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From dialogues to a bot, with a language model of random weights, a teacher of the caller's, and without one. */
class DistillJobTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DIALOGUES = 24;
    /** Files that must be the same to the byte however often the job was killed. */
    private static final List<String> RESULTS = List.of("dialogues.jsonl.gz", "held-out.jsonl.gz", "test.jsonl.gz",
            "distilled.jsonl.gz", "scored.jsonl.gz", "student/model.safetensors", "replies.index", "bot.json");

    @TempDir
    static Path shared;
    private static ComputeRuntime runtime;
    private static DistillSettings settings;
    private static Path whole;

    @TempDir
    Path work;

    @BeforeAll
    static void makeABot() throws IOException {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2));
        Path model = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
        Path teacher = TinyTeacher.write(shared.resolve("teacher"));
        Path config = teacher.resolve("config.json");
        Files.writeString(config,
                Files.readString(config).replaceFirst("(\"max_position_embeddings\": *)\\d+", "$11024"));
        settings = small(talks(shared.resolve("talks.jsonl"), DIALOGUES), model).withTeacher(teacher);
        whole = shared.resolve("whole");
        assertFalse(new DistillJob(settings).run(runtime, whole, DistillJob.Listener.NONE).interrupted());
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static Path talks(Path file, int count) throws IOException {
        List<Dialogue> dialogues = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> words = TinyModel.WORDS.subList(i, i + 6);
            dialogues.add(new Dialogue("d" + i, "test", List.of(new Turn("A", words.get(0) + " and " + words.get(1)),
                    new Turn("B", words.get(2) + " " + words.get(3)),
                    new Turn("A", words.get(4) + " is " + words.get(5)),
                    new Turn("B", words.get(5) + " then " + words.get(0)))));
        }
        DialogueFile.FORMAT.write(file, dialogues);
        return file;
    }

    private static DistillSettings small(Path data, Path model) {
        DistillSettings usual = DistillSettings.defaults();
        GenerateSettings generate = usual.generate().withDecoding(usual.generate().decoding()
                .withDecoding(new Decoding.Sampling(1, 0, 0.9, 0)).withMaxTokens(40)).withRounds(2);
        TrainSettings train = usual.train().withStudent(usual.train().student().withTokens(16, 8))
                .withOptimizer(usual.train().optimizer().withLearningRate(1e-3))
                .withLoop(usual.train().loop().withCheckpointEvery(1));
        return usual.withData(List.of(data)).withModel(model.toString()).withRepliesPerContext(2).withEpochs(1)
                .withGenerate(generate).withTrain(train);
    }

    private static JsonNode report(Path bot) throws IOException {
        return JSON.readTree(bot.resolve("report.json").toFile());
    }

    /** Ends the process, as far as a test can, in the middle of a stage or right after it. */
    private static final class Killer implements DistillJob.Listener {
        private final DistillStage where;
        private final boolean inside;
        private int heard;

        Killer(DistillStage where, boolean inside) {
            this.where = where;
            this.inside = inside;
        }

        private void hear(DistillStage stage) {
            if (inside && stage == where && ++heard == 2) throw new IllegalStateException("killed");
        }

        @Override
        public RecordsListener<Distilled> records(DistillStage stage) {
            return new RecordsListener<>() {
                @Override
                public void made(Distilled record) {
                    hear(stage);
                }
            };
        }

        @Override
        public TrainingListener training(TrainSettings settings) {
            return new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                    hear(DistillStage.TRAIN);
                }
            };
        }

        @Override
        public Progress progress(DistillStage stage) {
            return (_, _) -> hear(stage);
        }

        @Override
        public void ended(DistillJob.Cost cost, boolean before) {
            if (!inside && cost.stage() == where) throw new IllegalStateException("killed");
        }
    }

    @ParameterizedTest
    @EnumSource(DistillStage.class)
    void killedInAnyStageAndAfterItTheBotIsTheSameToTheByte(DistillStage stage) throws IOException {
        Path out = work.resolve("bot");
        for (boolean inside : new boolean[]{true, false}) {
            Killer killer = new Killer(stage, inside);
            assertEquals("killed", assertThrows(IllegalStateException.class,
                    () -> new DistillJob(settings).run(runtime, out, killer)).getMessage());
        }
        Set<DistillStage> before = EnumSet.noneOf(DistillStage.class);
        new DistillJob(settings).run(runtime, out, new DistillJob.Listener() {
            @Override
            public void ended(DistillJob.Cost cost, boolean finished) {
                if (finished) before.add(cost.stage());
            }
        });
        assertEquals(EnumSet.range(DistillStage.CONVERT, stage), before, "what was finished is not done again");
        for (String file : RESULTS) assertEquals(-1, Files.mismatch(whole.resolve(file), out.resolve(file)), file);
        ObjectNode then = (ObjectNode) report(whole), now = (ObjectNode) report(out);
        assertTrue(now.get("costs").size() == 5, now.get("costs").toString());
        for (ObjectNode each : List.of(then, now)) each.remove("costs");
        assertEquals(then, now);
    }

    @Test
    void aJobThatIsStoppedSaysSoAndGoesOn() throws IOException {
        Path out = work.resolve("bot");
        for (DistillStage stage : List.of(DistillStage.GENERATE, DistillStage.TRAIN, DistillStage.INDEX)) {
            DistillJob job = new DistillJob(settings);
            assertTrue(job.run(runtime, out, new DistillJob.Listener() {
                @Override
                public void began(DistillStage begun, int number, int of) {
                    assertEquals(6, of);
                    if (begun == stage) job.stop();
                }
            }).interrupted());
            assertFalse(Files.exists(out.resolve("report.html")));
        }
        assertFalse(new DistillJob(settings).run(runtime, out, DistillJob.Listener.NONE).interrupted());
        for (String file : RESULTS) assertEquals(-1, Files.mismatch(whole.resolve(file), out.resolve(file)), file);
    }

    @Test
    void theFilesOfStagesAreThoseOfTheirOwnJobs() throws IOException {
        RecordsResult generated = new GenerateJob(settings.generate(whole.resolve("dialogues.jsonl.gz")),
                whole.resolve("distilled.jsonl.gz")).run(runtime, RecordsListener.none());
        assertTrue(generated.finishedBefore(), "run by hand it finds its own work");
        assertTrue(new ScoreJob(settings.score(whole.resolve("distilled.jsonl.gz")), whole.resolve("scored.jsonl.gz"))
                .run(runtime, RecordsListener.none()).finishedBefore());
        TrainSettings kept = (TrainSettings) RunSettings.read(whole.resolve("student")).task();
        assertEquals(List.of(whole.resolve("scored.jsonl.gz")),
                kept.data().data().stream().map(file -> file.file()).toList());
    }

    @Test
    void heldOutDialoguesAreLearnedByNobodyAndAnsweredInTheReport() throws IOException {
        Set<String> learned = ids(whole.resolve("dialogues.jsonl.gz")),
                heldOut = ids(whole.resolve("held-out.jsonl.gz"));
        assertEquals(4, heldOut.size());
        assertEquals(DIALOGUES, learned.size() + heldOut.size());
        int generated = 0;
        for (Distilled each : DistilledFile.FORMAT.readAll(whole.resolve("scored.jsonl.gz"))) {
            assertTrue(learned.contains(each.id().split("#")[0]), each.id());
            assertTrue(each.candidates().size() <= 3, "the person's and two of the teacher's");
            generated += each.candidates().size() - 1;
        }
        assertTrue(generated >= 10, generated + " replies of the teacher");
        JsonNode report = report(whole);
        JsonNode hits = report.at("/quality/hits@1");
        for (String when : List.of("before", "after")) {
            double value = hits.path(when).path("value").asDouble(-1);
            assertTrue(
                    value >= hits.path(when).at("/ci/0").asDouble() && value <= hits.path(when).at("/ci/1").asDouble(),
                    hits.toString());
        }
        assertEquals(hits.at("/after/value").asDouble() - hits.at("/before/value").asDouble(),
                hits.path("difference").asDouble(), 1e-9);
        assertEquals(12, report.at("/quality/cases").asInt(), "three replies in each of four dialogues");
        assertEquals(4, report.path("samples").size(), "one of each dialogue");
        assertEquals(20 * 3, report.at("/data/contexts").asInt());
        List<String> lines = DistillReport.lines(report);
        assertTrue(lines.stream().anyMatch(line -> line.contains("take these figures as a hint")), lines.toString());
    }

    private static Set<String> ids(Path dialogues) throws IOException {
        Set<String> ids = new TreeSet<>();
        for (Dialogue each : DialogueFile.FORMAT.readAll(dialogues)) ids.add(each.id());
        return ids;
    }

    @Test
    void thePageIsWellFormedAndNeedsNothingElse() throws Exception {
        String page = Files.readString(whole.resolve("report.html"));
        DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new java.io.ByteArrayInputStream(page.replaceFirst("<!DOCTYPE html>", "").getBytes("UTF-8")));
        assertFalse(page.contains("<script") || page.contains("http://") || page.contains("https://"));
        for (JsonNode sample : report(whole).path("samples")) {
            assertTrue(page.contains(sample.path("answer").asText()), sample.toString());
        }
    }

    @Test
    void theFolderIsABotThatAnswersAndIsFoundAsAModel() throws IOException {
        BotFolder bot = BotFolder.open(whole);
        try (ModelResponder responder = ModelResponder.open(runtime, bot.model(), bot.index())) {
            assertEquals(report(whole).at("/index/replies").asInt(), responder.size());
            assertFalse(responder.reply(Context.of("hello you"), 1).text().isEmpty());
        }
        assertEquals(bot.model().fingerprint(), ModelLookup.find(whole.toString(), _ -> {
        }).fingerprint());
    }

    @Test
    void aBotLeadsToNothingOutsideItsFolder() throws IOException {
        Path out = Files.createDirectory(work.resolve("bot"));
        assertTrue(assertThrows(BadInput.class, () -> BotFolder.open(out)).getMessage().contains("bot.json"));
        for (String name : List.of("../whole", "/etc", "a/b", "", "..")) {
            Files.writeString(out.resolve("bot.json"),
                    "{\"format\":\"retort-bot\",\"version\":1,\"student\":\"" + name + "\",\"index\":\"i\"}");
            String said = assertThrows(BadInput.class, () -> BotFolder.open(out)).getMessage();
            assertTrue(said.contains("\"student\" is \"" + name), said);
        }
        Files.writeString(out.resolve("bot.json"), "{\"format\":\"retort-bot\",\"version\":2}");
        assertTrue(assertThrows(BadInput.class, () -> BotFolder.open(out)).getMessage().contains("version 2"));
    }

    @Test
    void withoutATeacherAndWithFewDialoguesItShrinksAndSaysSo() throws IOException {
        Path out = work.resolve("bot");
        DistillSettings alone = small(talks(work.resolve("few.jsonl"), 6), Path.of(settings.model()));
        List<String> notes = new ArrayList<>();
        List<DistillStage> stages = new ArrayList<>();
        new DistillJob(alone).run(runtime, out, new DistillJob.Listener() {
            @Override
            public void noted(String note) {
                notes.add(note);
            }

            @Override
            public void began(DistillStage stage, int number, int of) {
                stages.add(stage);
                assertEquals(4, of);
            }
        });
        assertEquals(List.of(DistillStage.CONVERT, DistillStage.TRAIN, DistillStage.INDEX, DistillStage.REPORT),
                stages);
        assertTrue(notes.stream().anyMatch(note -> note.contains("a teacher would add")), notes.toString());
        assertTrue(notes.stream().anyMatch(note -> note.contains("no dialogues are held out")), notes.toString());
        JsonNode report = report(out);
        assertEquals("baseline", report.at("/student/method").asText());
        assertTrue(report.path("quality").isMissingNode());
        assertEquals(6, report.path("samples").size());
        TrainSettings kept = (TrainSettings) RunSettings.read(out.resolve("student")).task();
        assertEquals(18 / 4, kept.batches().batch(), "a quarter of the examples");
        assertTrue(kept.optimizer().warmup() <= kept.loop().steps());
    }

    @Test
    void aTeacherThatOnlyWritesIsDistilledByItsReplies() throws IOException {
        Path out = work.resolve("bot");
        try (RuleTeacher writer = RuleTeacher.writer()) {
            DistillSettings own = small(settings.data().getFirst(), Path.of(settings.model()));
            new DistillJob(own).run(runtime, writer, out, DistillJob.Listener.NONE);
            assertFalse(writer.isClosed(), "a teacher that was given stays open");
        }
        assertEquals("g2r-d", report(out).at("/student/method").asText());
        assertFalse(Files.exists(out.resolve("scored.jsonl.gz")));
        assertEquals("rules", report(out).path("teacher").asText());
    }

    @Test
    void anEstimateCountsTheWorkAndLeavesNothingBehind() throws IOException, InterruptedException {
        Set<Path> before = temporary();
        DistillEstimate estimate = new DistillJob(settings).estimate(runtime, DistillJob.Listener.NONE);
        awaitNothingBeside(before);
        assertEquals(60, estimate.contexts());
        assertEquals(4, estimate.heldOut());
        assertEquals(60 / 15, estimate.steps());
        assertTrue(estimate.tokensPerS() > 0);
        assertEquals(EnumSet.range(DistillStage.GENERATE, DistillStage.REPORT), estimate.seconds().keySet());
        assertTrue(estimate.seconds().values().stream().allMatch(seconds -> seconds > 0), estimate.toString());
        assertEquals(estimate, DistillEstimate.of(estimate.json()));
    }

    /** Waits until there is nothing new: other tests may be estimating at the same time, but not for ever. */
    private static void awaitNothingBeside(Set<Path> before) throws IOException, InterruptedException {
        Set<Path> beside = temporary();
        for (int i = 0; i < 1200 && !before.containsAll(beside); i++) {
            Thread.sleep(100);
            // What has come since then is not this test's.
            beside.retainAll(temporary());
        }
        assertTrue(before.containsAll(beside), beside + " has come to " + before);
    }

    private static Set<Path> temporary() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return new TreeSet<>(all.filter(path -> path.getFileName().toString().startsWith("retort-distill"))
                    .toList());
        }
    }

    @Test
    void logsOfOthersAreConvertedAndTheirAssistantAloneIsLearned() throws IOException {
        List<String> talks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            List<String> words = TinyModel.WORDS.subList(i, i + 6);
            talks.add(
                    ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s and %s\"},{\"role\":\"assistant\",\"content\":"
                            + "\"%s %s\"},{\"role\":\"user\",\"content\":\"so %s\"},{\"role\":\"assistant\",\"content\":\"%s too\"}]}")
                            .formatted(words.toArray()));
        }
        Path file = Files.write(work.resolve("messages.jsonl"), talks), out = work.resolve("bot");
        List<String> notes = new ArrayList<>();
        DistillJob.Listener listener = new DistillJob.Listener() {
            @Override
            public void noted(String note) {
                notes.add(note);
            }
        };
        DistillSettings own = small(file, Path.of(settings.model()));
        new DistillJob(own).run(runtime, out, listener);
        assertEquals(16, report(out).at("/data/contexts").asInt(), "the user's turns are no replies");
        assertEquals(16, report(out).at("/index/replies").asInt());
        assertTrue(notes.stream().anyMatch(note -> note.contains("messages.jsonl") && note.contains("assistant")),
                notes.toString());
        Path all = work.resolve("all");
        new DistillJob(own.withReading(own.reading().withSpeaker("all"))).run(runtime, all, DistillJob.Listener.NONE);
        assertEquals(24, report(all).at("/data/contexts").asInt());
    }

    @Test
    void dialoguesOfOneIdInTwoFilesAreAllLearned() throws IOException {
        Path other = talks(work.resolve("other.jsonl"), 3), out = work.resolve("bot");
        DistillSettings both = small(other, Path.of(settings.model()))
                .withData(List.of(other, talks(work.resolve("again.jsonl"), 3)));
        new DistillJob(both).run(runtime, out, DistillJob.Listener.NONE);
        assertEquals(6, ids(out.resolve("dialogues.jsonl.gz")).size());
    }

    @Test
    void badInputIsRefusedByNameBeforeTheFolderIsTouched() throws IOException {
        Path out = work.resolve("bot");
        refused(settings.withTeacher(work.resolve("none.gguf")), out, "none.gguf", "there is no such model");
        refused(settings.withData(List.of(work.resolve("none.jsonl"))), out, "none.jsonl");
        refused(settings.withModel(work.resolve("nobody").toString()), out, "nobody");
        assertThrows(InvalidSetting.class, () -> new DistillJob(DistillSettings.defaults()).run(runtime, out,
                DistillJob.Listener.NONE));
        assertFalse(Files.exists(out));
        refused(settings.withData(List.of(whole.resolve("test.jsonl.gz"))), out, "test.jsonl.gz", "no dialogues");
        Folders.delete(out);
        refused(settings.withHeldOut(DIALOGUES), out, "nothing is left to learn", "\"held-out\"");
    }

    private static void refused(DistillSettings settings, Path out, String... parts) {
        String said = assertThrows(BadInput.class,
                () -> new DistillJob(settings).run(runtime, out, DistillJob.Listener.NONE)).getMessage();
        for (String part : parts) assertTrue(said.contains(part), said);
        assertFalse(said.contains("--"), said);
    }

    @Test
    void aFolderOfOtherSettingsOrOfSomethingElseIsRefused() throws IOException {
        refused(settings.withSeed(2), whole, "seed 1, not seed 2");
        refused(settings.withRepliesPerContext(1), whole, "replies-per-context 2, not replies-per-context 1");
        Path other = Files.createDirectory(work.resolve("other"));
        Files.writeString(other.resolve("letter.txt"), "dear");
        refused(settings, other, "holds something that is no distillation");
        assertTrue(Files.exists(other.resolve("letter.txt")));
    }

    @Test
    void damagedFilesAreMadeAgainOrNamed() throws IOException {
        Path out = work.resolve("bot");
        copy(whole, out);
        DistillSettings same = settings;
        Files.writeString(out.resolve("state.json"), "{\"stages\":");
        refused(same, out, "state.json", "delete it");
        Files.delete(out.resolve("state.json"));
        byte[] index = Files.readAllBytes(out.resolve("replies.index"));
        index[index.length / 2] ^= 1;
        Files.write(out.resolve("replies.index"), index);
        Files.delete(out.resolve("distilled.jsonl.gz"));
        Files.delete(out.resolve("distilled.jsonl.gz.run.json"));
        Folders.delete(out.resolve("student"));
        new DistillJob(same).run(runtime, out, DistillJob.Listener.NONE);
        for (String file : RESULTS) assertEquals(-1, Files.mismatch(whole.resolve(file), out.resolve(file)), file);
        Files.writeString(out.resolve("config.json"), "[]");
        refused(same, out, "no distillation");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
    }

    @Test
    void settingsAreReadAsTheyAreWrittenAndStagesHaveTheirPrefix() {
        SettingsCodec<DistillSettings> codec = SettingsCodec.of(DistillSettings.class);
        ObjectNode written = codec.write(settings);
        assertEquals(settings, codec.read(written, codec.defaults(), Path.of("c.json")));
        assertEquals(1e-3, written.path("train-learning-rate").asDouble());
        assertEquals(40, written.path("generate-max-tokens").asInt());
        assertFalse(written.has("train-data") || written.has("generate-seed"), written.toString());
        Path file = Path.of("c.json");
        ObjectNode wrong = JSON.createObjectNode().put("train-dropout", 0.9);
        assertTrue(assertThrows(BadInput.class, () -> codec.read(wrong, codec.defaults(), file)).getMessage()
                .contains("\"train-dropout\" is 0.9"));
        ObjectNode withheld = JSON.createObjectNode().put("train-data", "x.jsonl");
        assertTrue(assertThrows(BadInput.class, () -> codec.read(withheld, codec.defaults(), file)).getMessage()
                .contains("it follows from \"data\""));
        ObjectNode mixed = JSON.createObjectNode().put("generate-greedy", true).put("generate-top-k", 3);
        assertTrue(assertThrows(BadInput.class, () -> codec.read(mixed, codec.defaults(), file)).getMessage()
                .contains("leave out \"generate-greedy\""));
    }
}
