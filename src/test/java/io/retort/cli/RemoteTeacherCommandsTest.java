package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.teacher.remote.FakeServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask a teacher, with one behind HTTP. */
class RemoteTeacherCommandsTest {
    @TempDir
    Path work;

    private Path talks() throws IOException {
        return Files.writeString(work.resolve("talks.jsonl"), """
                {"id": "1", "turns": [{"s": "x", "t": "the boats are green"}, {"s": "y", "t": "who painted them"}]}
                {"id": "2", "turns": [{"s": "x", "t": "rain again today"}, {"s": "y", "t": "take the bus then"}]}
                {"id": "3", "turns": [{"s": "x", "t": "bread or tea"}, {"s": "y", "t": "both of them please"}]}
                """);
    }

    @Test
    void repliesScoresAndRankingsComeFromAServer() throws IOException {
        Path out = work.resolve("distilled.jsonl"), scored = work.resolve("scored.jsonl");
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM)) {
            Run generated = Run.of("generate", "--teacher", server.address(), "--teacher-model", "tiny", "-d", talks(),
                    "-n", "2", "-o", out, "--price", "1/2", "--json");
            assertEquals(0, generated.code(), generated.err());
            assertTrue(generated.err().contains("vLLM") && generated.err().contains("requests to the teacher's server")
                    && generated.err().contains("at 1.0/2.0 for a million"), generated.err());
            List<Distilled> made = DistilledFile.FORMAT.readAll(out);
            assertEquals(3, made.size());
            assertTrue(made.stream().allMatch(each -> each.candidates().size() == 3), made.toString());
            assertEquals("vLLM", made.getFirst().teacher().get("server"));

            Run.ok("score", "--teacher", server.address(), "-d", out, "-o", scored, "--json");
            for (Distilled each : DistilledFile.FORMAT.readAll(scored)) {
                for (Candidate candidate : each.candidates()) assertTrue(candidate.ll().orElseThrow() < 0);
            }
            JsonNode judged = Run.json("eval", "--teacher", server.address(), "-d", talks(), "--candidates", "3",
                    "--json");
            assertEquals("tiny", judged.path("model").asText(), judged.toString());

            Path dialogues = work.resolve("dialogues.jsonl");
            Run.ok("synthesize", "--teacher", server.address(), "--dialogues", "2", "--turns", "3..4", "-o", dialogues,
                    "--json");
            for (Dialogue dialogue : DialogueFile.FORMAT.readAll(dialogues)) {
                assertTrue(dialogue.turns().size() >= 3, dialogue.toString());
            }
            // Nothing is asked again of a job that is finished, but what the server is.
            assertTrue(Run.of("generate", "--teacher", server.address(), "--teacher-model", "tiny", "-d", talks(), "-n",
                    "2", "-o", out).out().contains("finished before"));
        }
    }

    @Test
    void aServerThatCannotJudgeIsRefusedBeforeAnythingIsWritten() throws IOException {
        Path data = Files.writeString(work.resolve("data.jsonl"),
                "{\"id\": \"a\", \"context\": [\"we run\"], \"candidates\": [{\"text\": \"why\"}]}\n");
        Path out = work.resolve("out.jsonl");
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT)) {
            Run.refused(Run.of("score", "--teacher", server.address(), "-d", data, "-o", out), "tells no likelihoods",
                    "GGUF");
            assertTrue(Files.notExists(out));
        }
    }

    @Test
    void settingsOfTheOtherKindOfTeacherAreRefused() throws IOException {
        String url = "http://127.0.0.1:9/v1";
        Run.refused(Run.of("generate", "--teacher", url, "-d", talks(), "--weights", "f32"), "--weights");
        Run.refused(Run.of("generate", "--teacher", "model.gguf", "-d", talks(), "--teacher-model", "tiny"),
                "--teacher-model", "http://127.0.0.1:8000/v1");
        Run.refused(Run.of("score", "--teacher", "http://me:secret@127.0.0.1/v1", "-d", "x"), "user or a password");
        Run.refused(Run.of("generate", "--teacher", url, "-d", talks(), "--price", "cheap"), "0.15/0.60");
        Run.refused(Run.of("generate", "--teacher", url, "-d", talks(), "--teacher-key-variable", "sk-1 2"),
                "--teacher-key-variable");
    }

    @Test
    void aServerThatIsNotThereIsNoFaultOfTheInput() throws IOException {
        URI gone;
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT)) {
            gone = server.address();
        }
        Run run = Run.of("generate", "--teacher", gone, "-d", talks(), "--teacher-retries", "0");
        assertEquals(1, run.code(), run.err());
        assertTrue(run.err().contains("takes no connection"), run.err());
    }

    @Test
    void aModelBehindHttpIsNotTuned() {
        Run.refused(Run.of("train", "--task", "generator", "--model", "http://127.0.0.1:9/v1", "-d", "x", "-o",
                work.resolve("run")), "http://127.0.0.1:9/v1", "cannot be trained");
    }
}
