package io.retort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.dialogue.NormalForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The sets of bench/own-dialogues are what their numbers say: forty dialogues and twelve questions each. */
class OwnDialoguesTest {
    private static final Path SETS = Path.of("bench/own-dialogues");
    private static final Map<String, String> FILES = Map.of("game", "game.txt", "support", "support.csv", "club",
            "club.jsonl");

    private static String text(String set) throws IOException {
        String text = Files.readString(SETS.resolve(FILES.get(set)));
        // As the texts stand in files: quotes of JSON and CSV are undone.
        return text.replace("\\\"", "\"").replace("\"\"", "\"");
    }

    @Test
    void everySetHasFortyDialogues() throws IOException {
        assertEquals(40, Files.readString(SETS.resolve("game.txt")).strip().split("\n\n").length);
        assertEquals(40, Files.readAllLines(SETS.resolve("support.csv")).stream().skip(1)
                .map(line -> line.substring(0, line.indexOf(','))).distinct().count());
        assertEquals(40, Files.readAllLines(SETS.resolve("club.jsonl")).size());
    }

    @Test
    void everyQuestionIsPhrasedAnewAndEveryListedReplyIsInItsSetOnce() throws IOException {
        ObjectMapper json = new ObjectMapper();
        Map<String, Integer> questions = new HashMap<>();
        for (String line : Files.readAllLines(SETS.resolve("questions.jsonl"))) {
            JsonNode asked = json.readTree(line);
            String set = asked.get("set").asText(), text = text(set);
            questions.merge(set, 1, Integer::sum);
            assertFalse(NormalForm.of(text).contains(NormalForm.of(asked.get("question").asText())), line);
            List<String> fits = asked.get("fits").valueStream().map(JsonNode::asText).toList();
            // Few fit, so that a guess would hardly be counted.
            assertTrue(fits.size() >= 1 && fits.size() <= 3, line);
            for (String fitting : fits) {
                int first = text.indexOf(fitting);
                assertTrue(first >= 0 && text.indexOf(fitting, first + 1) < 0, fitting);
            }
        }
        assertEquals(Map.of("game", 12, "support", 12, "club", 12), questions);
    }
}
