package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bot keeps to what it said before in a conversation, which is what the client sends; and says what it passed over. */
class SessionTest {
    private static final String DENIAL = "I have no pets.", CLAIM = "I have a dog.";
    @TempDir
    static Path folder;
    private static TinyServer tiny;

    /** Nothing is in reach but a denial, its like in other words, and one reply that neither claims nor repeats. */
    @BeforeAll
    static void open() throws Exception {
        tiny = new TinyServer(folder);
        tiny.post("/v1/responses", "{\"text\": \"" + DENIAL + "\", \"metadata\": {\"only\": 1}}");
        tiny.post("/v1/responses", "{\"text\": \"i really do not have any cats\", \"metadata\": {\"only\": 1}}");
        tiny.post("/v1/responses", "{\"text\": \"rain falls on the town today\", \"metadata\": {\"only\": 1}}");
        tiny.post("/v1/responses", "{\"text\": \"good evening to you\", \"metadata\": {\"only\": 1}}");
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static JsonNode reply(String context, String more) throws Exception {
        return tiny.post("/v1/reply", "{\"context\": " + context + ", \"filter\": {\"only\": 1}, \"k\": 2" + more + "}")
                .json();
    }

    private static List<String> texts(JsonNode replies) {
        List<String> texts = new ArrayList<>();
        replies.forEach(each -> texts.add(each.path("text").asText()));
        return texts.stream().sorted().toList();
    }

    @Test
    void whatContradictsTheBotsOwnLineMakesWayAndIsTold() throws Exception {
        JsonNode json = reply("[\"hello\", \"" + CLAIM + "\", \"do you?\"]", "");
        assertEquals(List.of("good evening to you", "rain falls on the town today"), texts(json.path("replies")));
        json.path("passed_over").forEach(each -> assertTrue(each.path("reason").asText().contains(CLAIM.replace(".", "")),
                json.toString()));
        JsonNode free = reply("[\"hello\", \"" + CLAIM + "\", \"do you?\"]", ", \"consistent\": false");
        assertEquals(0, free.path("passed_over").size());
        JsonNode all = tiny.post("/v1/reply", "{\"context\": [\"hello\", \"" + CLAIM
                + "\", \"do you?\"], \"filter\": {\"only\": 1}, \"k\": 4}").json();
        assertEquals(4, all.path("replies").size(), "where nothing else is left it is given nevertheless");
    }

    @Test
    void whatThePersonSaidBindsTheBotInNothingWhoeverOfThemTheNamesSay() throws Exception {
        JsonNode persons = reply("[{\"speaker\": \"ann\", \"text\": \"" + CLAIM + "\"}, {\"speaker\": \"bot\", \"text\": \"well\"},"
                + " {\"speaker\": \"bot\", \"text\": \"so\"}, {\"speaker\": \"ann\", \"text\": \"do you?\"}]", "");
        assertEquals(0, persons.path("passed_over").size());
        JsonNode bots = reply("[{\"speaker\": \"bot\", \"text\": \"" + CLAIM + "\"}, {\"speaker\": \"bot\", \"text\": \"well\"},"
                + " {\"speaker\": \"ann\", \"text\": \"do you?\"}]", "");
        assertFalse(texts(bots.path("replies")).contains(DENIAL));
    }

    @Test
    void nearRepeatsOfEitherSideArePassedOver() throws Exception {
        JsonNode own = reply("[\"hello\", \"today rain falls on town\", \"and?\"]", ", \"exclude\": [\"" + DENIAL + "\"]");
        assertFalse(texts(own.path("replies")).contains("rain falls on the town today"), own.toString());
        JsonNode echo = reply("[\"today the rain falls on town\"]", ", \"exclude\": [\"" + DENIAL + "\"]");
        assertFalse(texts(echo.path("replies")).contains("rain falls on the town today"), echo.toString());
    }

    @Test
    void aChatSaysWhatItPassedOver() throws Exception {
        JsonNode json = tiny.post("/v1/chat/completions", "{\"model\": \"retort\", \"n\": 16, \"messages\": ["
                + "{\"role\": \"user\", \"content\": \"tell me\"}, {\"role\": \"assistant\", \"content\": \"" + CLAIM
                + "\"}, {\"role\": \"user\", \"content\": \"no pets\"}]}").json();
        assertEquals(16, json.path("choices").size());
        json.path("choices").forEach(each -> assertFalse(each.at("/message/content").asText().equals(DENIAL)));
        assertEquals(16, json.at("/retort/kinds").size());
        assertTrue(json.at("/retort/passed_over").isArray());
    }
}
