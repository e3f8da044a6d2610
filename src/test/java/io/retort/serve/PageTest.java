package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.RecordFile;
import io.retort.ingest.ReadingSettings;
import io.retort.jobs.StudyReportJob;
import io.retort.jobs.StudyReportSettings;
import io.retort.jobs.TrainJob;
import io.retort.jobs.TrainSettings;
import io.retort.learn.TrainingListener;
import io.retort.learn.TrainingResult;
import io.retort.store.TinyModel;
import io.retort.study.StudyContext;
import io.retort.study.StudyDesign;
import io.retort.study.StudyForm;
import io.retort.study.StudyPlan;
import io.retort.study.StudyPlanFile;
import io.retort.study.StudyPlanner;
import io.retort.study.StudyReport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page asks of its server; {@link BrowserTest} looks at the page itself. */
class PageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Names that no reply of the plan holds, so that they are found wherever they should not be. */
    static final List<String> SYSTEMS = List.of("quillwort", "zephyrine");

    @TempDir
    static Path folder;
    private static TinyServer tiny;
    private static Path plan;

    /** A plan for two judges, each of whom gets as many items and two checks. */
    static Path plan(Path file, int items) throws IOException {
        List<StudyContext> contexts = new ArrayList<>(), checks = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            contexts.add(new StudyContext("c" + i, Context.of("Good morning, number " + i, "How are you today?"),
                    List.of("I slept well, thank you")));
        }
        for (int i = 0; i < 2; i++) {
            checks.add(new StudyContext("k" + i, Context.of("Where did you go on day " + i + "?"),
                    List.of("We walked along the river until it was dark and cold")));
        }
        SequencedMap<String, List<List<String>>> said = new LinkedHashMap<>();
        for (String system : SYSTEMS) {
            List<List<String>> replies = new ArrayList<>();
            String reply = system.equals(SYSTEMS.getFirst()) ? "Very well, and you?" : "It is what it is.";
            for (int i = 0; i < items; i++) replies.add(List.of(reply + " Day " + i + "."));
            said.put(system, replies);
        }
        StudyPlan made = new StudyPlanner(StudyForm.SIDE_BY_SIDE, StudyForm.SIDE_BY_SIDE.question(),
                new StudyDesign(2, items, 2), 3).plan(contexts, said, checks, Map.of()).plan();
        StudyPlanFile.write(file, made);
        return file;
    }

    @BeforeAll
    static void open() throws Exception {
        plan = plan(folder.resolve("study.jsonl"), 4);
        Path small = folder.resolve("small.index");
        tiny = new TinyServer(folder, TinyModel.biEncoder(folder.resolve("tiny"), 1), usual -> usual,
                PageSettings.defaults().withStudy(plan).withChoice(List.of(small.toString())));
        tiny.writeIndex(small, 12);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static JsonNode talk(String rest) throws Exception {
        TinyServer.Answer answer = tiny.post("/v1/talk", "{\"turns\": " + rest + "}");
        assertEquals(200, answer.status(), answer.http().body());
        return answer.json();
    }

    private static List<String> decisions(JsonNode answer) {
        return answer.path("decisions").valueStream().map(each -> each.path("about").asText()).toList();
    }

    @Test
    void talkSaysTheBestReplyThatWasNeitherSaidNorExcludedAndWhy() throws Exception {
        JsonNode first = talk("[{\"by\": \"user\", \"text\": \"i love tea\"}]");
        assertEquals("found", first.at("/said/kind").asText());
        assertEquals(5, first.path("candidates").size());
        assertEquals(first.at("/candidates/0/text"), first.at("/said/text"));
        assertEquals(first.at("/candidates/0/id"), first.at("/said/id"));
        assertEquals(List.of("safety", "score"), decisions(first));
        assertTrue(first.at("/times_ms/encode").asDouble() > 0);
        assertEquals(List.of("i love tea"), JSON.convertValue(first.path("context"), List.class));
        JsonNode other = talk("[{\"by\": \"user\", \"text\": \"i love tea\"}], \"exclude\": [" + first.at("/said/id")
                + "]");
        assertEquals(first.at("/candidates/1/id"), other.at("/said/id"));
        assertEquals(List.of("safety", "excluded", "score"), decisions(other));
        JsonNode next = talk("[{\"by\": \"user\", \"text\": \"i love tea\"}, {\"by\": \"bot\", \"text\": "
                + first.at("/said/text") + "}, {\"by\": \"user\", \"text\": \"i love tea\"}], \"k\": 50");
        assertTrue(decisions(next).contains("repeats"));
        next.path("candidates").forEach(each -> assertNotEquals(first.at("/said/id"), each.path("id")));
    }

    @Test
    void talkPassesOverWhatDeniesWhatTheBotSaidBeforeAndTellsSo() throws Exception {
        assertEquals(201, tiny.post("/v1/responses",
                "{\"responses\": [{\"text\": \"I have no pets\"}, {\"text\": \"I have a dog\"}]}").status());
        int passedOver = 0;
        for (Map.Entry<String, String> said : Map.of("I have a cat", "I have a dog", "I have no cats", "I have no pets")
                .entrySet()) {
            JsonNode answer = talk("[{\"by\": \"user\", \"text\": \"who are you\"}, {\"by\": \"bot\", \"text\": \""
                    + said.getKey() + "\"}, {\"by\": \"user\", \"text\": \"tell me more\"}], \"k\": 1, \"exclude\": "
                    + JSON.valueToTree(TinyServer.REPLIES));
            assertEquals(said.getValue(), answer.at("/said/text").asText());
            passedOver += answer.path("passed_over").size();
            assertEquals(!answer.path("passed_over").isEmpty(), decisions(answer).contains("consistency"));
        }
        assertEquals(1, passedOver);
        for (String text : List.of("I have no pets", "I have a dog")) {
            assertEquals(200, tiny.send(HttpRequest.newBuilder(URI.create(tiny.url("/v1/responses/"
                    + ResponseIds.of(text)))).DELETE()).status());
        }
    }

    @Test
    void talkTellsWhenNothingWasLookedFor() throws Exception {
        JsonNode stopped = talk("[{\"by\": \"user\", \"text\": \"i want to kill myself\"}]");
        assertEquals("guarded", stopped.at("/said/kind").asText());
        assertEquals("crisis", stopped.at("/said/category").asText());
        assertTrue(stopped.at("/decisions/0/what").asText().contains("stopped (crisis)"));
        assertTrue(stopped.path("candidates").isMissingNode());
        JsonNode fixed = talk("[{\"by\": \"user\", \"text\": \"Hello\"}]");
        assertEquals("fixed", fixed.at("/said/kind").asText());
        assertEquals(List.of("safety", "fixed answer"), decisions(fixed));
        for (String wrong : List.of("[]", "[{\"by\": \"bot\", \"text\": \"a\"}]",
                "[{\"by\": \"me\", \"text\": \"a\"}]")) {
            assertEquals(400, tiny.post("/v1/talk", "{\"turns\": " + wrong + "}").status(), wrong);
        }
    }

    @Test
    void feedbackIsWhatTrainingAndTheDataCommandsRead() throws Exception {
        List<String> words = TinyModel.WORDS;
        for (int i = 0; i < 8; i++) {
            boolean isUp = i % 2 == 0;
            String context = "[\"" + words.get(i) + " " + words.get(i + 1) + "\"]";
            TinyServer.Answer answer = tiny.post("/v1/feedback", "{\"context\": " + context + ", \"reply\": \""
                    + words.get(i + 2) + " " + words.get(i + 3) + "\", \"rating\": \"" + (isUp ? "up" : "down") + "\""
                    + (isUp ? "" : ", \"better\": \"" + words.get(i + 4) + " " + words.get(i + 5) + "\"") + "}");
            assertEquals(201, answer.status(), answer.http().body());
        }
        assertEquals(201, tiny.post("/v1/feedback",
                "{\"context\": [\"never mind\"], \"reply\": \"no\", \"rating\": \"down\"}").status());
        Path right = tiny.index.resolveSibling(tiny.index.getFileName() + ".feedback.jsonl");
        Path wrong = FeedbackFiles.wrongBeside(right);
        assertEquals(DistilledFile.FORMAT, RecordFile.sniff(right));
        List<Distilled> read = DistilledFile.FORMAT.readAll(right);
        assertEquals(8, read.size());
        assertEquals(words.get(5) + " " + words.get(6), read.get(1).candidates().getFirst().text());
        assertEquals(5, Files.readAllLines(wrong).size());
        assertEquals(read.get(1).id(), JSON.readTree(Files.readAllLines(wrong).getFirst()).path("id").asText());

        TrainSettings usual = TrainSettings.defaults();
        TrainSettings settings = usual.withModel(tiny.model.path().toString())
                .withData(new TrainSettings.Data(List.of(), List.of(), List.of(), 500, 4, 1, 20,
                        ReadingSettings.defaults()).of(right).withNegativesFrom(List.of(wrong)))
                .withStudent(usual.student().withTokens(16, 8))
                .withBatches(usual.batches().withSize(4, 4).withNegatives(2, true, 0))
                .withLoop(usual.loop().withSteps(2).withValidateEvery(0));
        assertEquals(TrainingResult.Ending.DONE, TrainJob.begin(settings, folder.resolve("trained"))
                .run(tiny.runtime, new TrainingListener() {
                }).ending());
    }

    @Test
    void feedbackThatContradictsItselfIsRefused() throws Exception {
        for (String rest : List.of("\"rating\": \"sideways\"", "\"rating\": \"up\", \"better\": \"b\"",
                "\"rating\": \"down\", \"better\": \"A\"", "\"rating\": \"down\", \"better\": \" \"")) {
            assertEquals(400, tiny.post("/v1/feedback",
                    "{\"context\": [\"c\"], \"reply\": \"a\", " + rest + "}").status(), rest);
        }
    }

    @Test
    void aLineOfFeedbackThatAKillCutOffGoesAndForeignFilesStay() throws Exception {
        Path file = folder.resolve("kept").resolve("cut.jsonl");
        try (FeedbackFiles files = new FeedbackFiles(file)) {
            files.keep(List.of("one"), Optional.of("first"), Optional.empty(), JsonNodeFactory.instance.objectNode());
        }
        Files.writeString(file, "{\"id\":\"feedback-", StandardOpenOption.APPEND);
        try (FeedbackFiles files = new FeedbackFiles(file)) {
            files.keep(List.of("two"), Optional.of("second"), Optional.of("third"),
                    JsonNodeFactory.instance.objectNode());
        }
        assertEquals(List.of("first", "second"), DistilledFile.FORMAT.readAll(file).stream()
                .map(each -> each.candidates().getFirst().text()).toList());
        Path foreign = Files.writeString(folder.resolve("letter.jsonl"), "Dear Anna, no newline here");
        try (FeedbackFiles files = new FeedbackFiles(foreign)) {
            assertEquals(409, assertThrows(Fault.class, () -> files.keep(List.of("one"), Optional.of("first"),
                    Optional.empty(), JsonNodeFactory.instance.objectNode())).status());
        }
        assertEquals("Dear Anna, no newline here", Files.readString(foreign));
    }

    @Test
    void anOpinionIsKeptAsAWholeOrNotAtAll() throws Exception {
        Path foreign = Files.writeString(folder.resolve("note.jsonl"), "Dear Bert, no newline here");
        Path wrong = FeedbackFiles.wrongBeside(foreign);
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        try (FeedbackFiles files = new FeedbackFiles(foreign)) {
            files.keep(List.of("one"), Optional.empty(), Optional.of("no"), about);
        }
        String before = Files.readString(wrong);
        try (FeedbackFiles files = new FeedbackFiles(foreign)) {
            assertThrows(Fault.class, () -> files.keep(List.of("two"), Optional.of("yes"), Optional.of("no"), about));
            assertEquals(before, Files.readString(wrong));
            files.keep(List.of("three"), Optional.empty(), Optional.of("no"), about);
        }
        assertEquals(2, Files.readAllLines(wrong).size());
    }

    @Test
    void aStudyIsHandedOutBlindOneVoteAnItemAndGoesOnAfterARestart() throws Exception {
        StudyPlan read = StudyPlanFile.read(plan);
        Set<String> voted = new HashSet<>();
        String page = tiny.get("/study").http().body();
        for (int vote = 0; vote < 6; vote++) {
            if (vote == 2) {
                tiny.server().close();
                tiny.open(usual -> usual);
            }
            TinyServer.Answer next = tiny.post("/v1/study/next", "{\"judge\": \"anna\"}");
            JsonNode item = next.json().path("item");
            assertEquals(vote, item.path("done").asInt());
            assertTrue(voted.add(item.path("id").asText()));
            String answer = "{\"judge\": \"anna\", \"item\": " + item.path("id") + ", \"answer\": \""
                    + (read.items().stream().filter(each -> each.id().equals(item.path("id").asText())).findFirst()
                            .orElseThrow()
                            .shown().getFirst().system().equals(SYSTEMS.getFirst()) ? "left" : "right")
                    + "\"}";
            TinyServer.Answer taken = tiny.post("/v1/study/vote", answer);
            assertTrue(taken.json().path("counts").asBoolean());
            TinyServer.Answer again = tiny.post("/v1/study/vote", answer.replace("left", "tie"));
            assertFalse(again.json().path("counts").asBoolean());
            for (String seen : List.of(page, next.http().body(), next.http().headers().toString(),
                    taken.http().body())) {
                for (String told : List.of(SYSTEMS.getFirst(), SYSTEMS.getLast(), "system", "check", "tiny")) {
                    assertFalse(seen.contains(told), told + " in " + seen);
                }
            }
        }
        assertTrue(tiny.post("/v1/study/next", "{\"judge\": \"anna\"}").json().path("item").isNull());
        assertEquals(400, tiny.post("/v1/study/vote",
                "{\"judge\": \"anna\", \"item\": \"none\", \"answer\": \"left\"}").status());
        StudyReport report = new StudyReportJob(plan, StudyReportSettings.defaults()).run(Optional.empty()).report();
        assertEquals(4, report.judges().getFirst().votes());
        assertEquals(2, report.judges().getFirst().checks());
    }

    @Test
    void anotherIndexServesWhenItIsChosenAndTheFormerOneAgain() throws Exception {
        JsonNode before = tiny.get("/v1/server").json();
        assertEquals(2, before.path("choices").size());
        int indexed = before.at("/index/responses").asInt();
        assertTrue(before.at("/choices/0/serves").asBoolean());
        for (int choice : new int[]{1, 0}) {
            JsonNode after = tiny.post("/v1/server",
                    "{\"choice\": " + before.at("/choices/" + choice + "/name") + "}").json();
            assertEquals(choice == 1 ? 12 : indexed, after.at("/index/responses").asInt(), after.toString());
            assertTrue(after.at("/choices/" + choice + "/serves").asBoolean());
            assertFalse(after.at("/choices/" + (1 - choice) + "/serves").asBoolean());
        }
        assertEquals(404, tiny.post("/v1/server", "{\"choice\": \"/etc/passwd\"}").status());
    }

    @Test
    void thePageHoldsNothingInlineAndNamesNoOtherPlace() throws Exception {
        for (String path : List.of("/", "/study")) {
            TinyServer.Answer page = tiny.get(path);
            String html = page.http().body();
            assertEquals(200, page.status());
            assertFalse(html.matches("(?s).*<(style|script)>.*|.* (style|on[a-z]+)=.*"), path);
            assertTrue(page.http().headers().firstValue("Content-Security-Policy").orElse("")
                    .startsWith("default-src 'none'; script-src 'self'"));
            Matcher links = Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(html);
            while (links.find()) {
                String link = links.group(1);
                assertTrue(link.startsWith("/") || link.startsWith("#"), link);
                if (link.startsWith("/")) assertEquals(200, tiny.get(link).status(), link);
            }
        }
    }
}
