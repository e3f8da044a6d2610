package io.retort.teacher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.lm.WeightStorage;
import io.retort.generate.TinyGguf;
import io.retort.generate.TeacherFingerprint;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.PromptChoice;
import io.retort.generate.TinyTeacher;
import io.retort.graph.ComputeRuntime;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny language model with random weights as a teacher. */
class LocalTeacherTest {
    private static final LocalTeacherSettings USUAL = LocalTeacherSettings.defaults();
    /** Tokens, which are letters, that the model reads. */
    private static final int LENGTH = 48;

    @TempDir
    Path work;
    private Path folder;
    private ComputeRuntime runtime;

    @BeforeEach
    void open() throws IOException {
        folder = TinyTeacher.write(work.resolve("tiny"));
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1));
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static List<TeacherReplies> reply(Teacher teacher, ReplyRequest... requests) {
        List<TeacherReplies> found = new ArrayList<>();
        teacher.reply(new Decoding.Sampling(1, 0, 1, 3), Constraints.atMost(8), List.of(requests).iterator(),
                found::add);
        return found;
    }

    private static List<Judgement> judge(Teacher teacher, JudgementRequest... requests) {
        List<Judgement> found = new ArrayList<>();
        teacher.judge(List.of(requests).iterator(), found::add);
        return found;
    }

    @Test
    void provenanceIsThatOfVersion01() throws IOException {
        try (LocalTeacher teacher = LocalTeacher.open(folder, USUAL, runtime)) {
            Map<String, Object> facts = teacher.provenance();
            assertEquals(List.of("model", "sha256", "engine", "code", "prompt"), List.copyOf(facts.keySet()));
            assertEquals("tiny", facts.get("model"));
            assertEquals(teacher.fingerprint(), facts.get("sha256"));
            assertEquals(Map.of("form", "continuation", "history", 4), facts.get("prompt"));
        }
    }

    @Test
    void theFingerprintIsThatOfTheFiles() throws IOException {
        String before, after;
        try (LocalTeacher teacher = LocalTeacher.whenAsked(folder, USUAL, runtime)) {
            before = teacher.fingerprint();
        }
        Files.writeString(folder.resolve("generation_config.json"), "{}");
        try (LocalTeacher teacher = LocalTeacher.whenAsked(folder, USUAL, runtime)) {
            after = teacher.fingerprint();
        }
        assertNotEquals(before, after);
    }

    @Test
    void aModelIsLoadedWhenItIsFirstAsked() throws IOException {
        Files.writeString(folder.resolve("model.safetensors"), "damaged");
        assertThrows(BadInput.class, () -> LocalTeacher.open(folder, USUAL, runtime));
        try (LocalTeacher teacher = LocalTeacher.whenAsked(folder, USUAL, runtime)) {
            assertEquals("tiny", teacher.name());
            assertThrows(BadInput.class, () -> reply(teacher, ReplyRequest.of("1", Context.of("ab"), 1)));
        }
    }

    @Test
    void aClosedTeacherRefusesWork() throws IOException {
        LocalTeacher teacher = LocalTeacher.open(folder, USUAL, runtime);
        teacher.close();
        teacher.close();
        assertThrows(IllegalStateException.class, () -> reply(teacher, ReplyRequest.of("1", Context.of("ab"), 1)));
    }

    @Test
    void repliesAreThoseOfTheIdWhateverElseIsAsked() throws IOException {
        ReplyRequest one = ReplyRequest.of("one", Context.of("ab"), 3),
                two = ReplyRequest.of("two", Context.of("ab"), 2);
        try (LocalTeacher teacher = LocalTeacher.open(folder, USUAL.withBatch(2), runtime);
                LocalTeacher wide = LocalTeacher.open(folder, USUAL, runtime)) {
            TeacherReplies alone = reply(teacher, one).getFirst();
            List<TeacherReplies> together = reply(wide, two, one);
            assertEquals(List.of("two", "one"), together.stream().map(found -> found.request().id()).toList());
            assertEquals(alone, together.get(1));
            assertEquals(3, alone.replies().size());
            assertNotEquals(together.get(0).replies(), alone.replies().subList(0, 2), "another id draws its own");
        }
    }

    @Test
    void onlyTheNewestTurnsAreReadAndWhatDoesNotFitIsTold() throws IOException {
        Context longer = Context.of("ab", "cd", "ef"), newest = Context.of("cd", "ef");
        try (LocalTeacher teacher = LocalTeacher.open(folder, USUAL.withHistory(2), runtime)) {
            TeacherReplies read = reply(teacher, ReplyRequest.of("1", longer, 2)).getFirst();
            assertEquals(reply(teacher, ReplyRequest.of("1", newest, 2)).getFirst().replies(), read.replies());
            assertTrue(read.wholeContext(), "turns beyond the history are none that had to be left out");
            assertFalse(reply(teacher, ReplyRequest.of("1", Context.of("a ".repeat(LENGTH)), 1)).getFirst()
                    .wholeContext());
        }
    }

    @Test
    void theSceneStandsAboveTheConversation() throws IOException {
        Context context = Context.of("ab");
        LocalTeacherSettings told = USUAL.withPrompt(
                new PromptChoice(PromptChoice.Form.CONTINUATION, Optional.of("b is old"), List.of()));
        try (LocalTeacher teacher = LocalTeacher.open(folder, USUAL, runtime);
                LocalTeacher instructed = LocalTeacher.open(folder, told, runtime)) {
            assertEquals(reply(instructed, ReplyRequest.of("1", context, 3)).getFirst().replies(),
                    reply(teacher, new ReplyRequest("1", List.of("b is old"), context, 3)).getFirst().replies());
        }
    }

    @Test
    void aCandidateOfMoreThanHalfTheModelsLengthHasNoOpinion() throws IOException {
        String fits = "a".repeat(LENGTH / 2 - 2), tooLong = fits + "a"; // with a space before and a line break behind
        try (LocalTeacher teacher = LocalTeacher.open(folder, USUAL, runtime)) {
            Judgement judged = judge(teacher, new JudgementRequest("1", Context.of("ab"), List.of(tooLong, fits, "b")))
                    .getFirst();
            assertTrue(judged.opinions().getFirst().isEmpty());
            assertEquals(LENGTH / 2, judged.opinions().get(1).orElseThrow().tokens());
            assertEquals(
                    judge(teacher, new JudgementRequest("2", Context.of("ab"), List.of("b"))).getFirst().opinions(),
                    judged.opinions().subList(2, 3));
        }
    }

    @Test
    void whoeverKeepsWeightsAsStoredIsAnotherTeacherThanInThirtyTwoBitsWhichTellsNothingOfThem() throws IOException {
        // F16, of which one matrix is enough to tell.
        Path file = TinyGguf.write(work.resolve("stored.gguf"),
                bytes -> TinyGguf.shapes(bytes).tensor("blk.0.ffn_up.weight", 1, new byte[64], 8, 4));
        String files = TeacherFingerprint.of(file);
        LocalTeacherSettings floats = USUAL.withWeights(WeightStorage.F32);
        try (LocalTeacher kept = LocalTeacher.whenAsked(file, USUAL, runtime);
                LocalTeacher widened = LocalTeacher.whenAsked(file, floats, runtime);
                LocalTeacher plain = LocalTeacher.whenAsked(folder, USUAL, runtime)) {
            assertEquals(files, widened.fingerprint());
            assertFalse(widened.provenance().containsKey("weights"), widened.provenance().toString());
            assertNotEquals(files, kept.fingerprint());
            assertEquals("file", kept.provenance().get("weights"));
            assertEquals(files, kept.provenance().get("sha256"));
            // Weights that are stored in 32 bits are the same either way.
            assertEquals(TeacherFingerprint.of(folder), plain.fingerprint());
            assertFalse(plain.hasStoredWeights());
        }
    }

    /** Token ids, memory, tensors and trees of JSON stay below. */
    @Test
    void theSeamSpeaksOfTextAlone() {
        Stream<Type> ofMethods = Stream.of(Teacher.class.getMethods()).flatMap(LocalTeacherTest::types);
        Stream<Type> ofRecords = Stream.of(Capabilities.class, ReplyRequest.class, TeacherReplies.class,
                JudgementRequest.class, Judgement.class, Judgement.Opinion.class)
                .flatMap(type -> Stream.of(type.getRecordComponents())).map(RecordComponent::getGenericType);
        Stream<Type> ofLocal = Stream.of(LocalTeacher.class.getMethods()).filter(
                method -> !Modifier.isStatic(method.getModifiers()) && method.getDeclaringClass() == LocalTeacher.class)
                .flatMap(LocalTeacherTest::types);
        List<String> foreign = Stream.of(ofMethods, ofRecords, ofLocal).flatMap(types -> types).map(Type::getTypeName)
                .filter(name -> name.contains("[]") || name.contains("jackson") || name.contains("foreign")
                        || name.contains("retort.simd") || name.contains("retort.graph")
                        || name.contains("retort.tensor") || name.contains("retort.model"))
                .toList();
        assertEquals(List.of(), foreign);
    }

    private static Stream<Type> types(Method method) {
        return Stream.concat(Stream.of(method.getGenericReturnType()), Stream.of(method.getGenericParameterTypes()));
    }
}
