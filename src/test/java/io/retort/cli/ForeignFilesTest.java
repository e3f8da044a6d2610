package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.ingest.Undecided;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in the shapes of others, in the commands that read dialogues. */
class ForeignFilesTest {
    @TempDir
    static Path shared;
    private static Path model;

    @TempDir
    Path work;
    private Path csv;
    private Path messages;

    @BeforeAll
    static void makeModel() throws IOException {
        model = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
    }

    @BeforeEach
    void makeFiles() throws IOException {
        StringBuilder rows = new StringBuilder("dialogue_id,speaker,text\n");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            rows.append("d" + i + ",player,good morning " + i + "\nd" + i + ",smith,tea and bread " + i + "\n");
            lines.append(
                    "{\"messages\": [{\"role\": \"system\", \"content\": \"x\"}, {\"role\": \"user\", \"content\": \"good "
                            + i + "\"}, {\"role\": \"assistant\", \"content\": \"tea and bread " + i
                            + "\"}, {\"role\": \"user\", \"content\": \"no " + i + "\"}]}\n");
        }
        csv = Files.writeString(work.resolve("talks.csv"), rows);
        messages = Files.writeString(work.resolve("talks.jsonl"), lines);
    }

    @Test
    void indexTakesTheAssistantsRepliesAndSaysSo() throws IOException {
        Run run = Run.of("index", "-m", model, "-d", messages, "-o", work.resolve("i"), "--json");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("read as OpenAI messages (one a line), 40 dialogues, 120 turns; "
                + "left out: 40 system messages; replies are those of assistant"), run.err());
        assertTrue(run.out().contains("\"replies\":40") || run.out().contains("\"replies\" : 40"), run.out());
        JsonNode all = Run.json("index", "-m", model, "-d", messages, "--speaker", "all", "-o", work.resolve("j"),
                "--json");
        assertEquals(80, all.path("replies").asInt());
        assertEquals("OpenAI messages (one a line)", all.path("read").path(0).path("read_as").asText());
    }

    @Test
    void theSpeakerWhomTheUserNamesReplies() throws IOException {
        assertEquals(40, Run.json("index", "-m", model, "-d", csv, "--speaker", "Smith", "-o", work.resolve("i"),
                "--json").path("replies").asInt());
        Run.refused(Run.of("index", "-m", model, "-d", csv, "--speaker", "miller", "-o", work.resolve("i")),
                "has no turn of miller; its speakers are player, smith", "use --speaker one of them");
    }

    @Test
    void inspectSaysWhatAFileWasTakenForAndSkipsByChoice() throws IOException {
        JsonNode facts = Run.json("inspect", csv, "--json");
        assertEquals(40, facts.path("dialogues").asInt());
        assertTrue(facts.path("read_as").asText().startsWith("CSV (a turn in each row"), facts.toString());
        Files.writeString(csv, Files.readString(csv) + "d41,player\n");
        Run.refused(Run.of("inspect", csv),
                "talks.csv:82: has 2 fields, and the header 3 (the file was taken for CSV)");
        assertEquals(1, Run.json("inspect", csv, "--skip-bad", 5, "--json").path("skipped").asInt());
    }

    @Test
    void minedEvaluatedAndTrainedAsIfTheyWereOurs() throws IOException {
        assertTrue(Run.ok("eval", "-m", model, "-d", csv, "--candidates", 3).contains("hits@1"));
        Run.ok("mine", "-m", model, "-d", messages, "--min-words", 1, "-o", work.resolve("mined.jsonl"));
        assertEquals(40, Files.readAllLines(work.resolve("mined.jsonl")).size());
        Run.ok("train", "-m", model, "-d", csv, "--min-words", 1, "--batch", 4, "--negatives", 4, "--steps", 2,
                "--context-tokens", 20, "--reply-tokens", 12, "-o",
                work.resolve("student"));
        assertTrue(Files.exists(work.resolve("student/config.json")));
    }

    @Test
    void brokenLinesOfOursAreSkippedByChoiceToo() throws IOException {
        Path ours = Files.writeString(work.resolve("ours.jsonl"), """
                {"id": "a", "turns": [{"s": "A", "t": "good morning"}, {"s": "B", "t": "tea"}]}
                {"id": "b", "turns": [{"s": "A", "t": "good
                {"id": "c", "turns": [{"s": "A", "t": "good morning"}, {"s": "B", "t": "bread"}]}
                """);
        Run.refused(Run.of("index", "-m", model, "-d", ours, "-o", work.resolve("i")), "ours.jsonl:2:",
                "not valid JSON");
        Run run = Run.of("index", "-m", model, "-d", ours, "--skip-bad", 1, "-o", work.resolve("i"));
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("1 broken record (the first: " + ours + ":2: not valid JSON"), run.err());
    }

    @Test
    void anAnswerAtTheTerminalBecomesTheOption() {
        var question = new TerminalQuestion(
                new Undecided(Path.of("talks.csv"), "columns", "is unclear", List.of("speaker=von", "speaker=-")));
        String[] asked = {"index", "--columns", "text=x", "-d", "talks.csv"};
        String[] second = {"index", "-d", "talks.csv", "--columns=speaker=-"};
        StringWriter screen = new StringWriter();
        assertArrayEquals(second, question.ask(asked, new PrintWriter(screen), () -> "2\n").orElseThrow());
        assertTrue(screen.toString().contains("talks.csv: is unclear. Which is it?"), screen.toString());
        assertEquals("--columns=text=y", question.ask(asked, new PrintWriter(screen), () -> "text=y").orElseThrow()[3]);
        assertEquals(Optional.empty(), question.ask(asked, new PrintWriter(screen), () -> null));
        assertFalse(TerminalQuestion.of(question.undecided(), Commands.line(new Main())).isPresent());
    }
}
