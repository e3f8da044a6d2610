package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.store.TinyModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code retort distill} without a teacher, and the commands that open what it made. */
@ResourceLock("System.in")
class DistillCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shared;
    private static Path config;
    private static Path bot;
    private static Run made;

    @TempDir
    Path work;

    @BeforeAll
    static void makeABot() throws IOException {
        List<String> talks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            List<String> words = TinyModel.WORDS.subList(i, i + 4);
            talks.add("{\"id\":\"%d\",\"turns\":[{\"s\":\"A\",\"t\":\"%s %s\"},{\"s\":\"B\",\"t\":\"%s and %s\"}]}"
                    .formatted(i, words.get(0), words.get(1), words.get(2), words.get(3)));
        }
        ObjectNode settings = JSON.createObjectNode().put("epochs", 1).put("threads", 2)
                .put("model", TinyModel.biEncoder(shared.resolve("tiny"), 1).path().toString())
                .put("train-context-tokens", 16).put("train-reply-tokens", 8).put("train-learning-rate", 1e-3);
        settings.putArray("data").add(Files.write(shared.resolve("talks.jsonl"), talks).toString());
        config = Files.writeString(shared.resolve("settings.json"), settings.toString());
        bot = shared.resolve("bot");
        made = Run.of("distill", "--config", config, "--out", bot);
        assertEquals(0, made.code(), made.err());
    }

    @Test
    void itTellsFirstWhatItWillTakeAndThenWhatCameOfIt() {
        int estimate = made.err().indexOf("about "), train = made.err().indexOf("retort: train: ");
        assertTrue(estimate > 0 && train > estimate, made.err());
        assertTrue(made.err().contains("a teacher would add"), made.err());
        for (String part : List.of("hits@1", "mrr", "before", "after", "hint", "report.html", "retort chat " + bot)) {
            assertTrue(made.out().contains(part), part + " in " + made.out());
        }
    }

    @Test
    void startedAgainItFindsEverythingDone() throws IOException {
        JsonNode report = Run.json("distill", "--config", config, "--out", bot, "--json");
        assertEquals(JSON.readTree(bot.resolve("report.json").toFile()), report);
        Run again = Run.of("distill", "--config", config, "--out", bot);
        assertEquals(4, again.err().split("was finished before", -1).length - 1, again.err());
    }

    @Test
    void aDryRunWritesNothing() throws IOException {
        JsonNode estimate = Run.json("distill", "--config", config, "--out", work.resolve("no"), "--dry-run", "--json");
        assertFalse(Files.exists(work.resolve("no")));
        assertEquals(26, estimate.path("contexts").asInt());
        assertTrue(estimate.at("/seconds/train").asDouble() > 0, estimate.toString());
        assertTrue(Run.ok("distill", "--config", config, "--dry-run").startsWith("about "));
    }

    @Test
    void theBotIsOpenedByItsFolderAlone() throws IOException {
        String whole = Run.ok("reply", bot, "-c", "hello you", "-k", "3");
        assertEquals(3, whole.lines().count());
        assertEquals(whole, Run.ok("reply", "--model", bot, "-c", "hello you", "-k", "3"));
        assertEquals(whole, Run.ok("reply", "--model", bot.resolve("student"), "--index", bot.resolve("replies.index"),
                "-c", "hello you", "-k", "3"));
        InputStream in = System.in;
        try {
            System.setIn(new ByteArrayInputStream("hello you\n/quit\n".getBytes(StandardCharsets.UTF_8)));
            assertFalse(Run.ok("chat", bot).isBlank());
        } finally {
            System.setIn(in);
        }
        JsonNode facts = Run.json("inspect", bot, "--json");
        assertTrue(facts.path("kind").asText().startsWith("bot"), facts.toString());
        assertEquals(30, facts.path("replies").asInt(), "those of held-out dialogues are among them");
        Run.ok("eval", "--model", bot, "--data", bot.resolve("test.jsonl.gz"));
    }

    @Test
    void whatIsNoBotIsRefused() throws IOException {
        Run.refused(Run.of("reply", shared.resolve("tiny"), "-c", "hello"), "is no bot", "retort distill");
        Run.refused(Run.of("reply", bot, "--model", shared.resolve("tiny"), "-c", "hello"), "name one of them");
        Run.refused(Run.of("distill", "--config", config), "--out is missing");
        Run.refused(Run.of("distill", "--config", config, "--out", bot, "--seed", "2"), "seed 1, not seed 2");
        Run.refused(Run.of("distill", "--config", config, "--out", work.resolve("x"), "--train-dropout", "0.9"),
                "--train-dropout 0.9");
        Path other = Files.writeString(work.resolve("c.json"), "{\"train-data\": \"x\"}");
        Run.refused(Run.of("distill", "--config", other, "--out", work.resolve("x")), "it follows from");
    }

    @Test
    void settingsOfStagesAreOptionsThatTheHelpDoesNotList() throws IOException {
        String help = Run.ok("distill", "--help");
        assertTrue(help.contains("--replies-per-context") && !help.contains("--train-dropout"), help);
        JsonNode printed = Run.json("distill", "--config", config, "--train-dropout", "0.25", "--index-key", "reply",
                "--print-config");
        assertEquals(0.25, printed.path("train-dropout").asDouble());
        assertEquals("reply", printed.path("index-key").asText());
        assertFalse(printed.has("train-model") || printed.has("index-data"), printed.toString());
    }
}
