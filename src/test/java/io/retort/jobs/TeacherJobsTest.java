package io.retort.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.lm.WeightStorage;
import io.retort.files.ResumableJob;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.Turn;
import io.retort.distill.TeacherScore;
import io.retort.distill.TurnRange;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.graph.ComputeRuntime;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingMethod;
import io.retort.learn.Validation;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.SettingsCodec;
import io.retort.store.TinyModel;
import io.retort.teacher.Capabilities;
import io.retort.teacher.Judgement;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.RuleTeacher;
import io.retort.teacher.Teacher;
import io.retort.teacher.TeacherReplies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jobs of a teacher, with one that is no language model. */
class TeacherJobsTest {
    private static final int DIALOGUES = 16;

    @TempDir
    Path work;
    private Path talks;
    private Path distilled;
    private Path scored;

    @BeforeEach
    void write() throws IOException {
        talks = work.resolve("talks.jsonl");
        distilled = work.resolve("distilled.jsonl");
        scored = work.resolve("scored.jsonl");
        List<Dialogue> dialogues = new ArrayList<>();
        for (int i = 0; i < DIALOGUES; i++) {
            String word = TinyModel.WORDS.get(i), other = TinyModel.WORDS.get(i + 20);
            dialogues.add(new Dialogue("d" + i, "test",
                    List.of(new Turn("A", word + " and " + other), new Turn("B", other + " is good"))));
        }
        DialogueFile.FORMAT.write(talks, dialogues);
    }

    private GenerateSettings generate() {
        return GenerateSettings.defaults().withData(List.of(talks)).withReplies(2);
    }

    private RecordsResult generate(Teacher teacher) throws IOException {
        return new GenerateJob(generate(), distilled).run(teacher, RecordsListener.none());
    }

    private RecordsResult score(Teacher teacher) throws IOException {
        return new ScoreJob(ScoreSettings.defaults().withData(distilled), scored).run(teacher,
                RecordsListener.none());
    }

    @Test
    void ownRulesGoFromDialoguesToATrainedStudent() throws IOException {
        try (RuleTeacher teacher = RuleTeacher.complete()) {
            assertEquals(2L * DIALOGUES, generate(teacher).count("replies"));
            assertEquals(3L * DIALOGUES, score(teacher).count("candidates"));
            List<RankingCase> cases = new ArrayList<>();
            for (Distilled each : DistilledFile.FORMAT.readAll(scored)) {
                assertEquals("rules", each.teacher().get("model"));
                assertEquals(teacher.fingerprint(), each.teacher().get("fingerprint"));
                List<Candidate> generated = each.candidates().stream()
                        .filter(candidate -> candidate.origin() == Origin.GENERATED).toList();
                assertEquals(2, generated.size());
                for (Candidate candidate : each.candidates()) {
                    // The rules: a reply's words that were heard, over all of them.
                    assertEquals(candidate.mi().getAsDouble() - 2, candidate.ll().getAsDouble(), 1e-6);
                    assertTrue(candidate.mi().getAsDouble() > 0, candidate.toString());
                }
                cases.add(new RankingCase(each.id(), each.context(), List.of(generated.getFirst().text()), List.of(),
                        List.of("some stranger here", "nobody said so")));
            }
            Path ranking = work.resolve("ranking.jsonl");
            RankingFile.FORMAT.write(ranking, cases);
            EvaluateResult.OfTeacher judged = new EvaluateJob(EvaluateSettings.defaults().withData(ranking))
                    .run(teacher, EvaluateJob.Listener.NONE);
            assertEquals(1.0, judged.values().get("hits@1"), "what it says itself it prefers to what it never heard");
            assertFalse(teacher.isClosed(), "a teacher that was given stays open");
            trainOn(scored, own(cases));
        }
    }

    /** Of each context what the rules said to it, among what they said to the others. */
    private Path own(List<RankingCase> cases) throws IOException {
        Path file = work.resolve("own.jsonl");
        List<RankingCase> own = new ArrayList<>();
        for (RankingCase each : cases) {
            own.add(new RankingCase(each.id(), each.context(), each.positive(), List.of(), cases.stream()
                    .map(other -> other.positive().getFirst()).filter(reply -> !each.positive().contains(reply))
                    .toList()));
        }
        RankingFile.FORMAT.write(file, own);
        return file;
    }

    /** What the rules say, a student comes to say. */
    private void trainOn(Path data, Path ranking) throws IOException {
        Path base = TinyModel.biEncoder(work.resolve("base"), 1).path();
        TrainSettings settings = TrainSettings.defaults().withModel(base.toString())
                .withData(TrainSettings.Data.defaults().of(data).withValidateOn(List.of(ranking)))
                .withStudent(TrainSettings.Student.defaults().withMethod(TrainingMethod.G2R_DM, TeacherScore.MI)
                        .withDistillation(0.5, 1).withTokens(20, 12))
                .withBatches(TrainSettings.Batches.defaults().withSize(8, 3).withNegatives(8, false, 0))
                .withLoop(LoopSettings.defaults().withSteps(60).withValidateEvery(20))
                .withOptimizer(OptimizerSettings.defaults().withLearningRate(0.003));
        List<Double> hits = new ArrayList<>();
        try (RetortRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1))) {
            TrainJob.begin(settings, work.resolve("student")).run(runtime, new TrainingListener() {
                @Override
                public void validated(Validation validation, boolean best) {
                    hits.add(validation.metrics().get("hits@1"));
                }
            });
        }
        assertTrue(hits.getLast() > hits.getFirst(), hits.toString());
    }

    @Test
    void aTeacherThatCannotJudgeIsRefusedBeforeAnythingIsWritten() throws IOException {
        try (RuleTeacher writer = RuleTeacher.writer()) {
            generate(writer);
            String said = assertThrows(BadInput.class, () -> score(writer)).getMessage();
            assertTrue(said.contains("rules") && said.contains("cannot tell how likely"), said);
            assertFalse(Files.exists(scored) || Files.exists(work.resolve("scored.jsonl.part")));
            assertThrows(BadInput.class, () -> new EvaluateJob(EvaluateSettings.defaults().withData(talks))
                    .run(writer, EvaluateJob.Listener.NONE));
        }
    }

    @Test
    void aTeacherThatOnlyJudgesIsRefusedWhereRepliesAreWanted() {
        Teacher judge = new Changed(RuleTeacher.complete()) {
            @Override
            public Capabilities capabilities() {
                return new Capabilities(false, true);
            }
        };
        assertTrue(assertThrows(BadInput.class, () -> generate(judge)).getMessage().contains("only judges"));
        assertThrows(BadInput.class, () -> new SynthesizeJob(SynthesizeSettings.defaults().withDialogues(1))
                .run(judge, RecordsListener.none()));
        assertFalse(Files.exists(work.resolve("distilled.jsonl.part")));
    }

    @Test
    void aJobIsTakenUpByTheSameTeacherAndNoOther() throws IOException {
        RuleTeacher rules = RuleTeacher.complete();
        Teacher mortal = new Changed(rules) {
            private int asked;

            @Override
            public void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
                    Consumer<TeacherReplies> done) {
                super.reply(decoding, constraints, requests, replies -> {
                    if (++asked > 5) throw new IllegalStateException("the process is killed");
                    done.accept(replies);
                });
            }
        };
        Teacher other = new Changed(rules) {
            @Override
            public String fingerprint() {
                return "other rules of the same name";
            }
        };
        assertThrows(IllegalStateException.class, () -> generate(mortal));
        String said = assertThrows(BadInput.class, () -> generate(other)).getMessage();
        assertTrue(said.contains("another run") && said.contains("other rules"), said);
        RecordsResult resumed = generate(rules);
        assertEquals(5, resumed.resumedAt());
        assertEquals(2L * DIALOGUES, resumed.count("replies"));
        byte[] made = Files.readAllBytes(distilled);
        assertTrue(generate(rules).finishedBefore());
        Files.delete(distilled);
        generate(rules);
        assertArrayEquals(Files.readAllBytes(distilled), made);
    }

    @Test
    void whoRepliesAndWhatIsDroppedDecideARun() throws IOException {
        Path personas = work.resolve("personas.txt");
        Files.writeString(personas, "# moods\nYou are calm.\nYou are loud.\n");
        try (RuleTeacher teacher = RuleTeacher.complete()) {
            GenerateSettings chosen = generate().withPersonas(personas, 2).withoutAssistantTalk(true);
            RecordsResult made = new GenerateJob(chosen, distilled).run(teacher, RecordsListener.none());
            assertEquals(2L * DIALOGUES, made.count("replies"));
            Map<String, Object> facts = DistilledFile.FORMAT.readAll(distilled).getFirst().teacher();
            assertEquals(2, ((Map<?, ?>) facts.get("personas")).get("per_context"));
            assertEquals(true, cleaning(distilled).get("dropAssistantTalk"));
            assertTrue(new GenerateJob(chosen, distilled).run(teacher, RecordsListener.none()).finishedBefore());
            for (GenerateSettings other : List.of(generate(), chosen.withPersonas(personas, 1),
                    chosen.withoutAssistantTalk(false))) {
                assertThrows(BadInput.class, () -> new GenerateJob(other, distilled).run(teacher,
                        RecordsListener.none()));
            }
            Files.writeString(personas, "You are calm.\n");
            assertThrows(BadInput.class, () -> new GenerateJob(chosen, distilled).run(teacher,
                    RecordsListener.none()));
        }
    }

    @Test
    void aFileBegunByEarlierRulesOfCleaningKeepsToThemAndSaysSo() throws IOException {
        List<String> notes = new ArrayList<>();
        RecordsListener<Distilled> listener = new RecordsListener<>() {
            @Override
            public void noted(String note) {
                notes.add(note);
            }
        };
        try (RuleTeacher teacher = RuleTeacher.complete()) {
            GenerateJob job = new GenerateJob(generate(), distilled);
            job.run(teacher, listener);
            assertEquals(List.of(), notes);
            assertEquals(2, cleaning(distilled).get("edition"));
            // As version 0.1 began it: the same run, whose cleaning has no edition, and nothing done.
            Path description = work.resolve("distilled.jsonl.run.json");
            String begun = Files.readAllLines(description).getFirst().replace(",\"edition\":2", "");
            Files.writeString(work.resolve("distilled.jsonl.part"),
                    "{\"run\":" + new ObjectMapper().readTree(begun).get("run") + "}\n");
            Files.delete(distilled);
            Files.delete(description);
            job.run(teacher, listener);
            assertEquals(1, notes.size());
            assertTrue(notes.getFirst().contains("edition 1"), notes.getFirst());
            assertEquals(Map.of("minimumWords", 2, "maximumWords", 40), cleaning(distilled));
            // The finished file is known by its own rules, too.
            assertTrue(job.run(teacher, listener).finishedBefore());
        }
    }

    private static Map<?, ?> cleaning(Path file) throws IOException {
        return (Map<?, ?>) DistilledFile.FORMAT.readAll(file).getFirst().teacher().get("cleaning");
    }

    @Test
    void aProvenanceThatHoldsNoFingerprintIsGivenIt() throws IOException {
        Teacher vague = new Changed(RuleTeacher.complete()) {
            @Override
            public Map<String, Object> provenance() {
                return Map.of("model", "somebody");
            }
        };
        generate(vague);
        assertEquals(Map.of("model", "somebody", "fingerprint", vague.fingerprint()),
                subset(DistilledFile.FORMAT.readAll(distilled).getFirst().teacher(), "model", "fingerprint"));
    }

    private static Map<String, Object> subset(Map<String, Object> all, String... keys) {
        Map<String, Object> found = new HashMap<>(all);
        found.keySet().retainAll(List.of(keys));
        return found;
    }

    @Test
    void recordsAreToldAsTheyAreMadeAndNeedNoFile() throws IOException {
        List<Distilled> told = new ArrayList<>();
        List<Long> progress = new ArrayList<>();
        RecordsListener<Distilled> listener = new RecordsListener<>() {
            @Override
            public void progress(long done, long total) {
                assertEquals(DIALOGUES, total);
                progress.add(done);
            }

            @Override
            public void made(Distilled record) {
                told.add(record);
            }
        };
        RecordsResult result = new GenerateJob(GenerateSettings.defaults().withData(List.of(talks)).withReplies(1))
                .run(RuleTeacher.complete(), listener);
        assertEquals(DIALOGUES, told.size());
        assertEquals(DIALOGUES, progress.getLast());
        assertEquals(Optional.empty(), result.out());
        generate(RuleTeacher.complete());
        assertEquals(told.stream().map(Distilled::id).toList(),
                DistilledFile.FORMAT.readAll(distilled).stream().map(Distilled::id).toList());
    }

    @Test
    void candidatesThatTheTeacherDoesNotReadAreLeftOutOfScoresAndRefusedInATest() throws IOException {
        String tooLong = "word ".repeat(RuleTeacher.LONGEST).strip();
        DistilledFile.FORMAT.write(distilled, List.of(new Distilled("1", Context.of("hello"),
                List.of(new Candidate("hello", Origin.ORIGINAL), new Candidate(tooLong, Origin.GENERATED)), Map.of())));
        assertEquals(1, score(RuleTeacher.complete()).count("dropped_too_long"));
        assertEquals(List.of("hello"), DistilledFile.FORMAT.readAll(scored).getFirst().candidates().stream()
                .map(Candidate::text).toList());
        Path ranking = work.resolve("ranking.jsonl");
        RankingFile.FORMAT.write(ranking,
                List.of(new RankingCase("case 7", Context.of("hello"), List.of("hello"), List.of(), List.of(tooLong))));
        String said = assertThrows(BadInput.class, () -> new EvaluateJob(EvaluateSettings.defaults().withData(ranking))
                .run(RuleTeacher.complete(), EvaluateJob.Listener.NONE)).getMessage();
        assertTrue(said.contains("case 7") && said.contains("too long"), said);
    }

    @Test
    void rulesTalkToThemselves() throws IOException {
        Path made = work.resolve("made.jsonl");
        SynthesizeSettings settings = SynthesizeSettings.defaults().withDialogues(4).withTurns(new TurnRange(2, 3));
        RecordsResult result = new SynthesizeJob(settings, made).run(RuleTeacher.complete(), RecordsListener.none());
        List<Dialogue> dialogues = DialogueFile.FORMAT.readAll(made);
        assertEquals(result.count("dialogues"), dialogues.size());
        for (Dialogue dialogue : dialogues) {
            assertEquals("rules", dialogue.meta().get("teacher"));
            String opener = dialogue.turns().getFirst().text(), reply = dialogue.turns().get(1).text();
            assertTrue(Stream.of(opener.split(" ")).anyMatch(List.of(reply.split(" "))::contains), dialogue.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {GenerateSettings.class, ScoreSettings.class, SynthesizeSettings.class,
        EvaluateSettings.class, DecodingSettings.class, PromptSettings.class, JudgeSettings.class})
    void settingsSurviveAFile(Class<? extends Record> type) {
        requireSurvives(SettingsCodec.of(type));
    }

    private static <T extends Record> void requireSurvives(SettingsCodec<T> codec) {
        T defaults = codec.defaults();
        assertEquals(defaults, codec.read(codec.write(defaults), defaults, Path.of("settings.json")));
    }

    @Test
    void anOutputThatWasBegunInThirtyTwoBitsIsGoneOnWithSoUnlessSomethingElseIsAskedFor() throws IOException {
        Path old = work.resolve("old.jsonl"), young = work.resolve("young.jsonl"), none = work.resolve("none.jsonl");
        begin(old, "{\"teacher\":{\"model\":\"m\",\"sha256\":\"1\"}}");
        begin(young, "{\"teacher\":{\"model\":\"m\",\"sha256\":\"1\",\"weights\":\"file\"}}");
        Optional<WeightStorage> open = Optional.empty();
        assertEquals(WeightStorage.F32, TeacherSettings.weights(open, Optional.of(old), "/teacher"));
        assertEquals(WeightStorage.FILE, TeacherSettings.weights(open, Optional.of(young), "/teacher"));
        assertEquals(WeightStorage.FILE, TeacherSettings.weights(open, Optional.of(none), "/teacher"));
        assertEquals(WeightStorage.FILE, TeacherSettings.weights(open, Optional.empty(), "/teacher"));
        for (WeightStorage asked : WeightStorage.values()) {
            assertEquals(asked, TeacherSettings.weights(Optional.of(asked), Optional.of(old), "/teacher"));
        }
    }

    private static void begin(Path out, String run) throws IOException {
        ResumableJob.open(out, (ObjectNode) new ObjectMapper().readTree(run)).close();
    }

    @Test
    void settingsThatAreMissingOrExcludeEachOtherAreNamed() {
        assertEquals("data", assertThrows(InvalidSetting.class, () -> new GenerateJob(GenerateSettings.defaults())
                .run(RuleTeacher.complete(), RecordsListener.none())).parameter());
        DecodingSettings sampled = DecodingSettings.defaults();
        assertEquals("replies", assertThrows(InvalidSetting.class, () -> GenerateSettings.defaults()
                .withDecoding(sampled.withDecoding(new Decoding.Greedy()))).parameter());
        assertEquals("batch", assertThrows(InvalidSetting.class, () -> GenerateSettings.defaults()
                .withDecoding(sampled.withDecoding(Decoding.Beam.of(40)))).parameter());
        assertEquals("beam", assertThrows(InvalidSetting.class, () -> SynthesizeSettings.defaults()
                .withDecoding(sampled.withDecoding(Decoding.Beam.of(3)))).parameter());
        assertEquals("index", assertThrows(InvalidSetting.class, () -> EvaluateSettings.defaults()
                .withTeacher(talks).withIndex(talks)).parameter());
    }

    @Test
    void aWayOfDecodingIsTheOneThatWasSet() {
        DecodingSettings settings = DecodingSettings.defaults();
        for (Decoding decoding : List.of(new Decoding.Greedy(), new Decoding.Beam(3, 0.5, Decoding.Patience.FULL),
                new Decoding.Sampling(0.7, 9, 0.6, 4))) {
            assertEquals(decoding, settings.withDecoding(decoding).ofReplies());
            assertEquals(decoding, settings.withDecoding(decoding).ofTexts());
        }
        assertEquals(new Decoding.Sampling(0.8, 0, 0.9, 0), settings.ofReplies());
        assertEquals(new Decoding.Sampling(1, 0, 0.9, 0), settings.ofTexts());
    }

    /** A teacher that is like another but for what a test overrides. */
    private static class Changed implements Teacher {
        private final Teacher other;

        Changed(Teacher other) {
            this.other = other;
        }

        @Override
        public String name() {
            return other.name();
        }

        @Override
        public Capabilities capabilities() {
            return other.capabilities();
        }

        @Override
        public String fingerprint() {
            return other.fingerprint();
        }

        @Override
        public void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
                Consumer<TeacherReplies> done) {
            other.reply(decoding, constraints, requests, done);
        }

        @Override
        public void judge(Iterator<JudgementRequest> requests, Consumer<Judgement> done) {
            other.judge(requests, done);
        }

        @Override
        public void close() {
            other.close();
        }
    }
}
