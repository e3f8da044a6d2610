package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.dialogue.Context;
import io.retort.retrieval.RetrievalModel;
import io.retort.safety.SafetyClassifier;
import io.retort.safety.SafetyClassifier.Example;
import io.retort.safety.SafetyClassifier.Kind;
import io.retort.safety.SafetyLevel;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stopped of what is said and of what would be answered, over real connections. */
class SafetyGuardTest {
    private static final String CRISIS = "i want to kill myself", ABUSE = "you stupid bot",
            FOREIGN = "Hola, ¿cómo estás hoy?";
    private static final String CONFIG = """
            {"languages": ["en"], "crisis": ["please call 112"], "refusals": ["not that", "nor that"],
             "foreign": ["english only"], "add": {"profanity": ["dog", "tea"]}}""";
    @TempDir
    static Path folder;
    private static TinyServer tiny;
    private static Path config;

    @BeforeAll
    static void open() throws Exception {
        config = Files.writeString(folder.resolve("safety.json"), CONFIG);
        tiny = new TinyServer(folder, usual -> usual.withSafety(SafetyLevel.STANDARD, Optional.of(config)));
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static String context(String turn) {
        return "{\"k\": 60, \"context\": [\"hello\", \"" + turn + "\"]}";
    }

    private static TinyServer.Answer chat(String more, String... turns) throws Exception {
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < turns.length; i++) {
            messages.add(
                    "{\"role\": \"" + (i % 2 == 0 ? "user" : "assistant") + "\", \"content\": \"" + turns[i] + "\"}");
        }
        return tiny.post("/v1/chat/completions",
                "{\"model\": \"retort\", \"messages\": [" + String.join(", ", messages) + "]" + more + "}");
    }

    private static List<String> choices(TinyServer.Answer answer) {
        List<String> texts = new ArrayList<>();
        answer.json().path("choices").forEach(each -> texts.add(each.at("/message/content").asText()));
        return texts;
    }

    private static boolean isWithheld(String text) {
        return Pattern.compile("\\b(dog|tea)\\b").matcher(text).find();
    }

    private static long counted(String series) throws Exception {
        return tiny.get("/metrics").http().body().lines().filter(line -> line.startsWith(series + " "))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1))).findFirst().orElseThrow();
    }

    @Test
    void aTurnThatIsStoppedGetsItsFixedAnswerAndNoReply() throws Exception {
        String[][] stopped = {{CRISIS, "crisis", "please call 112"}, {ABUSE, "harassment", "nor that"},
            {FOREIGN, "language", "english only"}};
        for (String[] each : stopped) {
            String series = "retort_safety_turns_total{category=\"" + each[1] + "\"}";
            long before = counted(series);
            JsonNode json = tiny.post("/v1/reply", context(each[0])).json();
            assertEquals(each[1], json.at("/safety/turn/category").asText(), each[0]);
            assertFalse(json.at("/safety/turn/reason").asText().isEmpty());
            assertEquals(each[2], json.at("/safety/answer").asText());
            assertEquals(each[2], json.path("fallback").asText());
            assertEquals(0, json.path("replies").size());
            assertEquals(List.of(each[2]), choices(chat("", "rain", "sun", each[0])));
            assertEquals(before + 2, counted(series));
        }
        assertEquals(List.of("not that", "nor that"), choices(chat(", \"n\": 2", ABUSE)), "answers take turns");
    }

    @Test
    void ofManyContextsThoseThatPassAreAnsweredInTheirPlaces() throws Exception {
        JsonNode answers = tiny.post("/v1/replies", "{\"contexts\": [[\"" + CRISIS + "\"], [\"rain\"], [\"" + FOREIGN
                + "\"], [\"sun\"]]}").json().path("answers");
        assertEquals("crisis", answers.at("/0/safety/turn/category").asText());
        assertEquals("language", answers.at("/2/safety/turn/category").asText());
        for (int i : new int[]{1, 3}) {
            String body = "{\"context\": [\"" + (i == 1 ? "rain" : "sun") + "\"]}";
            assertTrue(answers.at("/" + i + "/safety").isMissingNode());
            assertEquals(tiny.post("/v1/reply", body).json().at("/replies/0/id"),
                    answers.at("/" + i + "/replies/0/id"));
        }
    }

    /** The ten best replies to a context are stopped, so that more than once more must be looked for. */
    @Test
    void theBestRepliesThatPassAreGivenAndTheOthersListedWithoutTheirTexts() throws Exception {
        Path own = Files.createDirectory(folder.resolve("withheld"));
        Path stopping = own.resolve("safety.json");
        try (TinyServer other = new TinyServer(own, tiny.model,
                usual -> usual.withSafety(SafetyLevel.OFF, Optional.empty()))) {
            List<JsonNode> all = new ArrayList<>();
            other.post("/v1/reply", "{\"context\": [\"hello\"], \"k\": 60}").json().path("replies").forEach(all::add);
            List<String> best = all.stream().limit(10).map(each -> each.path("text").asText()).toList();
            Files.writeString(stopping, "{\"add\": {\"hate\": [\"" + String.join("\", \"", best) + "\"]}}");
            Pattern stopped = Pattern.compile("\\b(" + String.join("|", best) + ")\\b");
            other.server().close();
            other.open(usual -> usual.withSafety(SafetyLevel.STANDARD, Optional.of(stopping)));
            for (int k : new int[]{1, 2, 7, 60}) {
                JsonNode json = other.post("/v1/reply", "{\"context\": [\"hello\"], \"k\": " + k + "}").json();
                List<JsonNode> given = new ArrayList<>(), withheld = new ArrayList<>();
                for (JsonNode each : all) {
                    if (given.size() == k) break;
                    (stopped.matcher(each.path("text").asText()).find() ? withheld : given).add(each);
                }
                assertTrue(withheld.size() >= 10);
                assertEquals(ids(given), ids(json.path("replies")));
                assertEquals(1, json.at("/replies/0/rank").asInt());
                assertEquals(ids(withheld), ids(json.path("withheld")));
                for (JsonNode each : json.path("withheld")) {
                    assertEquals("hate", each.path("category").asText());
                    assertTrue(each.path("reason").asText().contains("fits the pattern"));
                    assertTrue(each.path("score").isNumber());
                    assertFalse(each.has("text"));
                }
                String counts = other.get("/metrics").http().body();
                assertTrue(Pattern.compile("retort_safety_withheld_total\\{category=\"hate\"} [1-9]\\d").matcher(counts)
                        .find(), counts);
            }
            List<JsonNode> many = new ArrayList<>();
            other.post("/v1/replies", "{\"contexts\": [[\"rain\"], [\"hello\"]]}").json().at("/answers/1/replies")
                    .forEach(many::add);
            assertEquals(1, many.size());
            assertFalse(stopped.matcher(many.getFirst().path("text").asText()).find());
        }
    }

    private static List<String> ids(Iterable<JsonNode> replies) {
        List<String> ids = new ArrayList<>();
        replies.forEach(each -> ids.add(each.path("id").asText()));
        return ids;
    }

    @Test
    void noChoiceOfAChatIsAReplyThatIsStopped() throws Exception {
        List<String> choices = choices(chat(", \"n\": 16", "hello you"));
        assertEquals(16, choices.size());
        for (String each : choices) assertFalse(isWithheld(each), each);
    }

    @Test
    void aStreamTellsTheFixedAnswerAsAnyOther() throws Exception {
        String body = chat(", \"stream\": true", CRISIS).http().body();
        assertTrue(body.endsWith("data: [DONE]\n\n"));
        String said = Pattern.compile("\"content\":\"(.*?)\"").matcher(body).results().map(match -> match.group(1))
                .collect(Collectors.joining());
        assertEquals("please call 112", said);
    }

    @Test
    void whatWasStoppedBeforeIsNoContext() throws Exception {
        assertEquals(choices(chat(", \"n\": 3", "rain")),
                choices(chat(", \"n\": 3", CRISIS, "please call 112", "rain")));
        assertEquals(choices(chat(", \"n\": 3", "we run")), choices(chat(", \"n\": 3", ABUSE, "not that", "we run")));
    }

    @Test
    void aResponseThatWouldBeWithheldIsNotAdded() throws Exception {
        TinyServer.Answer one = tiny.post("/v1/responses", "{\"text\": \"a big dog\"}");
        assertEquals(422, one.status());
        assertEquals("safety:profanity", one.code());
        assertEquals("text", one.field());
        TinyServer.Answer many = tiny.post("/v1/responses",
                "{\"responses\": [{\"text\": \"never eat rain\"}, {\"text\": \"" + ABUSE + "\"}]}");
        assertEquals(422, many.status());
        assertEquals("safety:harassment", many.code());
        assertEquals("responses[1].text", many.field());
        assertEquals(404, tiny.get("/v1/responses/" + ResponseIds.of("never eat rain")).status());
        assertTrue(counted("retort_safety_refused_total{category=\"harassment\"}") >= 1);
        assertEquals(201, tiny.post("/v1/responses", "{\"text\": \"rain rain rain\"}").status());
    }

    @Test
    void whatIsWithheldIsListed() throws Exception {
        tiny.post("/v1/reply", "{\"context\": [\"hello\"], \"k\": 60}");
        JsonNode json = tiny.get("/v1/responses?state=withheld&limit=200").json();
        long expected = TinyServer.REPLIES.stream().filter(SafetyGuardTest::isWithheld).count();
        assertTrue(json.path("responses").size() >= expected);
        assertEquals(json.path("responses").size(), json.path("withheld_so_far").asInt());
        for (JsonNode each : json.path("responses")) {
            assertTrue(isWithheld(each.path("text").asText()));
            assertEquals("profanity", each.at("/withheld/category").asText());
        }
    }

    @Test
    void embeddingsAreOfWhateverIsSaid() throws Exception {
        assertEquals(200,
                tiny.post("/v1/embeddings", "{\"model\": \"retort\", \"input\": \"" + CRISIS + "\"}").status());
    }

    @Test
    void offStopsNothingAndWhatWasAddedThenIsWithheldWhenItIsOnAgain() throws Exception {
        Path own = Files.createDirectory(folder.resolve("switched"));
        try (TinyServer other = new TinyServer(own, tiny.model,
                usual -> usual.withSafety(SafetyLevel.OFF, Optional.of(config)))) {
            JsonNode json = other.post("/v1/reply", context(CRISIS)).json();
            assertTrue(json.path("safety").isMissingNode());
            assertTrue(json.path("replies").size() > 50);
            assertEquals(0, json.path("withheld").size());
            assertEquals(201, other.post("/v1/responses", "{\"text\": \"dog dog dog\"}").status());
            other.server().close();
            other.open(usual -> usual.withSafety(SafetyLevel.STANDARD, Optional.of(config)));
            assertEquals("crisis",
                    other.post("/v1/reply", context(CRISIS)).json().at("/safety/turn/category").asText());
            JsonNode found = other.post("/v1/reply", "{\"context\": [\"hello\"], \"k\": 61}").json();
            assertTrue(ids(found.path("withheld")).contains(ResponseIds.of("dog dog dog")));
            assertFalse(ids(found.path("replies")).contains(ResponseIds.of("dog dog dog")));
        }
    }

    @Test
    void aReloadKeepsTheLevelAndTakesTheConfigurationAsItIsThen() throws Exception {
        Path own = Files.createDirectory(folder.resolve("reloaded"));
        Path changing = Files.writeString(own.resolve("safety.json"), CONFIG);
        try (TinyServer other = new TinyServer(own, tiny.model,
                usual -> usual.withSafety(SafetyLevel.STRICT, Optional.of(changing)))) {
            Files.writeString(changing, CONFIG.replace("112", "999"));
            assertEquals(200, other.post("/admin/reload", "{}").status());
            assertEquals("please call 999",
                    other.post("/v1/reply", context(CRISIS)).json().at("/safety/answer").asText());
            assertEquals("profanity",
                    other.post("/v1/reply", context("tea")).json().at("/safety/turn/category").asText());
            Files.writeString(changing, "{\"crisis\": 1}");
            assertEquals(422, other.post("/admin/reload", "{}").status());
            assertEquals("please call 999",
                    other.post("/v1/reply", context(CRISIS)).json().at("/safety/answer").asText());
        }
    }

    @Test
    void theClassifierOfTheStudentIsAsked() throws Exception {
        Path own = Files.createDirectory(folder.resolve("classified"));
        ModelFolder model = TinyModel.biEncoder(own.resolve("m"), 1);
        String bad = "rain sun rain";
        try (var loaded = model.load(tiny.runtime.engine())) {
            float[] stopped = vector(loaded, bad), fine = vector(loaded, "hello");
            SafetyClassifier.fit(model.fingerprint(),
                    List.of(new Example(stopped, Kind.ABUSE), new Example(fine, Kind.FINE),
                            new Example(vector(loaded, "good cat"), Kind.CRISIS)),
                    List.of(fine), 0.5).write(model.path(), "made for a test");
        }
        try (TinyServer other = new TinyServer(own, model,
                usual -> usual.withSafety(SafetyLevel.STRICT, Optional.of(config)))) {
            assertEquals("provocation",
                    other.post("/v1/reply", context(bad)).json().at("/safety/turn/category").asText());
            JsonNode many = other.post("/v1/replies", "{\"contexts\": [[\"hello\"], [\"" + bad + "\"], [\"hello\"]]}")
                    .json().path("answers");
            assertTrue(many.at("/0/safety").isMissingNode() && many.at("/2/safety").isMissingNode());
            assertEquals("provocation", many.at("/1/safety/turn/category").asText());
        }
    }

    private static float[] vector(RetrievalModel model, String turn) {
        return model.encodeContext(model.inputs().context(Context.of(turn)));
    }
}
