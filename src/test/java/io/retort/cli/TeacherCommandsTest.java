package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.generate.TinyTeacher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made with a teacher: distilled data, scores, dialogues; and the teacher as a judge. */
class TeacherCommandsTest {
    @TempDir
    Path work;
    private Path teacher;
    private Path talk;

    @BeforeEach
    void makeTeacher() throws IOException {
        teacher = TinyTeacher.write(work.resolve("tiny"));
        Path config = teacher.resolve("config.json"); // room for headers
        Files.writeString(config,
                Files.readString(config).replaceFirst("(\"max_position_embeddings\": *)\\d+", "$1256"));
        talk = Files.writeString(work.resolve("talk.jsonl"), """
                {"id": "1", "turns": [{"s": "x", "t": "ab ba"}, {"s": "y", "t": "cd dc"}, {"s": "x", "t": "ef"}]}
                {"id": "2", "turns": [{"s": "x", "t": "alone"}]}
                {"id": "3", "turns": [{"s": "x", "t": "gh gh"}, {"s": "y", "t": "bad cab"}]}
                """);
    }

    private List<Object> generate(Path out, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("generate", "--teacher", teacher, "-d", talk, "-o", out, "-n",
                "3", "--temperature", "1", "--max-tokens", "60", "--rounds", "20", "--threads", "1", "--json"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private JsonNode run(List<Object> arguments) throws IOException {
        return Run.json(arguments.toArray());
    }

    @Test
    void everyContextIsAnsweredInOrderWhateverTheBatch() throws IOException {
        Path one = work.resolve("one.jsonl"), eight = work.resolve("eight.jsonl");
        JsonNode facts = run(generate(one, "--batch", "1"));
        assertEquals(3, facts.path("contexts").asInt());
        run(generate(eight, "--batch", "8"));
        assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(eight));
        List<Distilled> distilled = DistilledFile.FORMAT.readAll(one);
        assertEquals(List.of("1#1", "1#2", "3#1"), distilled.stream().map(Distilled::id).toList());
        long generated = distilled.stream().flatMap(each -> each.candidates().stream())
                .filter(candidate -> candidate.origin() == Origin.GENERATED).count();
        assertEquals(facts.path("replies").asLong(), generated);
        assertEquals(facts.path("samples").asLong(), generated + dropped(facts), "every sample is kept or dropped");
        long withFewer = distilled.stream().filter(each -> each.candidates().size() < 1 + 3).count();
        assertEquals(withFewer, facts.path("contexts_with_fewer").asLong());
        assertEquals(distilled.size(), withFewer + distilled.stream().filter(each -> each.candidates().size() == 1 + 3)
                .count(), "nobody has more than were asked for");
        Path other = work.resolve("other.jsonl");
        run(generate(other, "--seed", "9"));
        assertNotEquals(Files.readString(one), Files.readString(other));
    }

    private static long dropped(JsonNode facts) {
        return facts.properties().stream().filter(fact -> fact.getKey().startsWith("dropped_"))
                .mapToLong(fact -> fact.getValue().asLong()).sum();
    }

    @Test
    void dialoguesThatHoldNoContextAreCounted() throws IOException {
        assertEquals(1, run(generate(work.resolve("out.jsonl"))).path("dialogues_without_reply").asInt());
    }

    @Test
    void contextsThatDoNotFitAreCutAndCounted() throws IOException {
        Files.writeString(talk, """
                {"id": "1", "turns": [{"s": "x", "t": "%s"}, {"s": "y", "t": "cd dc"}]}
                """.formatted("ab ".repeat(100)));
        assertEquals(1, run(generate(work.resolve("out.jsonl"))).path("contexts_cut_to_fit").asInt());
    }

    @Test
    void idsThatOccurTwiceAreRefused() {
        List<Object> arguments = generate(work.resolve("out.jsonl"));
        arguments.addAll(List.of("-d", talk));
        Run.refused(Run.of(arguments.toArray()), talk, "1#1", "twice");
    }

    @Test
    void aFileOfOtherSettingsIsKept() throws IOException {
        Path out = work.resolve("out.jsonl");
        run(generate(out));
        byte[] before = Files.readAllBytes(out);
        assertEquals("finished before", run(generate(out)).path("note").asText());
        Run.refused(Run.of(generate(out, "--seed", "5").toArray()), out, "another run");
        assertArrayEquals(before, Files.readAllBytes(out));
    }

    @Test
    @Tag("slow")
    void aProcessThatIsKilledIsTakenUpToTheSameBytes() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            many.append("""
                    {"id": "%d", "turns": [{"s": "x", "t": "ab ba"}, {"s": "y", "t": "cd dc"}]}
                    """.formatted(i));
        }
        Files.writeString(talk, many);
        Path whole = work.resolve("whole.jsonl"), killed = work.resolve("killed.jsonl");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), Main.class.getName()));
        generate(killed).forEach(argument -> command.add(argument.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(work.resolve("log").toFile()).start();
        Path part = work.resolve("killed.jsonl.part");
        while (process.isAlive() && !(Files.exists(part) && Files.size(part) > 4_000)) Thread.sleep(5);
        process.destroyForcibly().waitFor();
        assertTrue(Files.exists(part), Files.readString(work.resolve("log")));
        assertTrue(run(generate(killed)).path("note").asText().startsWith("resumed at "));
        run(generate(whole));
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(killed));
    }

    @Test
    void scoresAreThoseThatTheJudgeRanksBy() throws IOException {
        Path distilled = work.resolve("distilled.jsonl"), scored = work.resolve("scored.jsonl");
        run(generate(distilled));
        JsonNode facts = Run.json("score", "--teacher", teacher, "-d", distilled, "-o", scored, "--json");
        assertEquals(3, facts.path("contexts").asInt());
        int hits = 0, cases = 0;
        StringBuilder ranking = new StringBuilder();
        for (Distilled each : DistilledFile.FORMAT.readAll(scored)) {
            for (var candidate : each.candidates()) {
                assertTrue(candidate.ll().isPresent() && candidate.mi().isPresent());
                assertTrue(candidate.ll().getAsDouble() < 0);
            }
            var original = each.candidates().getFirst();
            var rival = each.candidates().get(1);
            ranking.append("{\"id\": \"%s\", \"context\": [\"%s\"], \"positive\": [\"%s\"], \"random\": [\"%s\"]}%n"
                    .formatted(each.id(), String.join("\", \"", each.context().turns()), original.text(),
                            rival.text()));
            if (original.mi().getAsDouble() > rival.mi().getAsDouble()) hits++;
            cases++;
        }
        Path test = Files.writeString(work.resolve("ranking.jsonl"), ranking);
        JsonNode judged = Run.json("eval", "--teacher", teacher, "-d", test, "--json");
        assertEquals((double) hits / cases, judged.path("hits@1").asDouble(), 1e-9);
        assertEquals("mi", judged.path("by").asText());
        assertEquals(judged.path("hits@1"), judged.path("mi").path("hits@1"));
        assertEquals(judged.path("ll").path("hits@1"),
                Run.json("eval", "--teacher", teacher, "-d", test, "--by", "ll", "--json").path("hits@1"));
    }

    @Test
    void optionsOfAnotherKindOfModelAreRefused() throws IOException {
        Run.refused(Run.of("eval", "--by", "ll", "-d", talk), "--by", "--teacher");
        Run.refused(Run.of("eval", "--teacher", teacher, "-i", "x", "-d", talk), "--index");
    }

    @Test
    void dialoguesAreMadeFromSeedsWhateverTheBatch() throws IOException {
        Path topics = Files.writeString(work.resolve("topics.txt"), "# mine\nab\n\nba\n");
        Path personas = Files.writeString(work.resolve("personas.txt"), "c\nd\n");
        Path openers = Files.writeString(work.resolve("openers.txt"), "{topic} e\n");
        List<byte[]> made = new ArrayList<>();
        for (int batch : new int[]{1, 8}) {
            Path out = work.resolve("made" + batch + ".jsonl");
            Run.json("synthesize", "--teacher", teacher, "-n", "6", "--turns", "2..3", "--topics", topics, "--personas",
                    personas, "--openers", openers, "--max-tokens", "60", "--temperature", "1", "--attempts", "20",
                    "--batch", batch, "--threads", "1", "-o", out, "--json");
            made.add(Files.readAllBytes(out));
        }
        assertArrayEquals(made.get(0), made.get(1));
        for (Dialogue dialogue : DialogueFile.FORMAT.readAll(work.resolve("made1.jsonl"))) {
            assertTrue(dialogue.turns().size() >= 2 && dialogue.turns().size() <= 3, dialogue.toString());
            assertTrue(List.of("Ab e", "Ba e").contains(dialogue.turns().getFirst().text()), dialogue.toString());
            assertNotEquals(dialogue.meta().get("persona_a"), dialogue.meta().get("persona_b"));
        }
    }

    @Test
    void dialoguesThatCannotBeMadeAreRefused() throws IOException {
        Path one = Files.writeString(work.resolve("one.txt"), "c\n");
        Run.refused(Run.of("synthesize", "--teacher", teacher, "-n", "1", "--turns", "8..4"), "8 to 4");
        Run.refused(Run.of("synthesize", "--teacher", teacher, "-n", "1", "--turns", "four"), "4..8");
        Run.refused(Run.of("synthesize", "--teacher", teacher, "-n", "1", "--greedy"), "--greedy");
        Run.refused(Run.of("synthesize", "--teacher", teacher, "-n", "1", "--personas", one), "1 personas");
    }
}
