package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.dialogue.Context;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReply;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the endpoints promise, over real connections to one server. */
class ReplyServerTest {
    @TempDir
    static Path folder;
    private static TinyServer tiny;

    @BeforeAll
    static void open() throws Exception {
        tiny = new TinyServer(folder);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    @Test
    void repliesAreThoseOfTheLibraryWithAllThereIsToKnowOfThem() throws Exception {
        TinyServer.Answer answer = tiny.post("/v1/reply",
                "{\"context\": [\"i love tea\", {\"speaker\": \"b\", \"text\": \"he is not good\"}], \"k\": 5, \"session\": \"s1\"}");
        assertEquals(200, answer.status());
        try (ModelResponder responder = ModelResponder.open(tiny.runtime, tiny.model, tiny.index)) {
            List<RankedReply> expected = responder.reply(Context.of("i love tea", "he is not good"), 5).ranked();
            for (int i = 0; i < 5; i++) {
                JsonNode reply = answer.json().at("/replies/" + i);
                assertEquals(expected.get(i).text(), reply.path("text").asText());
                assertEquals(expected.get(i).score(), reply.path("score").floatValue(), 1e-5);
                assertEquals(i + 1, reply.path("rank").asInt());
                assertEquals(expected.get(i).row(), reply.at("/metadata/level").asInt());
                assertEquals(ResponseIds.of(expected.get(i).text()), reply.path("id").asText());
            }
            assertEquals(tiny.model.fingerprint(), answer.json().at("/model/fingerprint").asText());
            assertEquals(responder.index().fingerprint(), answer.json().at("/index/fingerprint").asText());
        }
        for (String stage : List.of("tokenise", "queue", "encode", "search")) {
            assertTrue(answer.json().at("/times_ms/" + stage).isNumber(), stage);
        }
        assertEquals("s1", answer.json().path("session").asText());
    }

    @Test
    void manyContextsAreAnsweredInTheirOrder() throws Exception {
        TinyServer.Answer many = tiny.post("/v1/replies", "{\"contexts\": [[\"hello\"], [\"i love tea\"], [\"dog\"]]}");
        assertEquals(3, many.json().path("answers").size());
        for (int i = 0; i < 3; i++) {
            String context = List.of("hello", "i love tea", "dog").get(i);
            TinyServer.Answer one = tiny.post("/v1/reply", "{\"context\": [\"" + context + "\"]}");
            assertEquals(one.json().at("/replies/0/id"), many.json().at("/answers/" + i + "/replies/0/id"));
        }
    }

    @Test
    void whatIsExcludedByIdOrByTextIsNotGiven() throws Exception {
        JsonNode all = tiny.post("/v1/reply", "{\"context\": [\"rain\"], \"k\": 4}").json().path("replies");
        String body = "{\"context\": [\"rain\"], \"k\": 2, \"exclude\": [\"" + all.at("/0/id").asText() + "\", \""
                + all.at("/1/text").asText().toUpperCase() + "\"]}";
        JsonNode left = tiny.post("/v1/reply", body).json().path("replies");
        assertEquals(all.at("/2/text"), left.at("/0/text"));
        assertEquals(all.at("/3/text"), left.at("/1/text"));
    }

    @Test
    void aFilterIsExactWhetherItIsNarrowOrWide() throws Exception {
        JsonNode all = tiny.post("/v1/reply", "{\"context\": [\"sun\"], \"k\": 60}").json().path("replies");
        for (String filter : List.of("{\"mood\": \"calm\"}", "{\"level\": {\"gte\": 10, \"lt\": 13}}",
                "{\"not\": {\"level\": 7}}", "{\"or\": [{\"level\": {\"in\": [3, 4]}}, {\"mood\": \"wild\"}]}")) {
            List<String> expected = new ArrayList<>();
            for (JsonNode each : all) {
                int level = each.at("/metadata/level").asInt();
                boolean calm = each.at("/metadata/mood").asText().equals("calm");
                boolean passes = switch (filter.charAt(2)) {
                    case 'm' -> calm;
                    case 'l' -> level >= 10 && level < 13;
                    case 'n' -> level != 7;
                    default -> level == 3 || level == 4 || !calm;
                };
                if (passes) expected.add(each.path("id").asText());
            }
            JsonNode found = tiny.post("/v1/reply", "{\"context\": [\"sun\"], \"k\": 60, \"filter\": " + filter + "}")
                    .json().path("replies");
            List<String> ids = new ArrayList<>();
            found.forEach(each -> ids.add(each.path("id").asText()));
            assertEquals(expected, ids, filter);
        }
        TinyServer.Answer none = tiny.post("/v1/reply", "{\"context\": [\"sun\"], \"filter\": {\"mood\": \"sad\"}}");
        assertEquals(0, none.json().path("replies").size());
        assertFalse(none.json().path("fallback").asText().isEmpty());
    }

    @Test
    void belowTheLeastScoreThereIsAFallback() throws Exception {
        JsonNode json = tiny.post("/v1/reply", "{\"context\": [\"dog\"], \"min_score\": 1e9}").json();
        assertEquals(0, json.path("replies").size());
        assertFalse(json.path("fallback").asText().isEmpty());
    }

    @Test
    void faultsNameTheFieldInOneForm() throws Exception {
        String[][] wrong = {{"{}", "context"}, {"{\"context\": \"hello\"}", "context"},
            {"{\"context\": []}", "context"},
            {"{\"context\": [\" \"]}", "context[0]"}, {"{\"context\": [\"a\", 3]}", "context[1]"},
            {"{\"context\": [{\"speaker\": \"a\"}]}", "context[0].text"},
            {"{\"context\": [\"a\"], \"k\": 0}", "k"}, {"{\"context\": [\"a\"], \"k\": 1.5}", "k"},
            {"{\"context\": [\"a\"], \"K\": 1}", "K"}, {"{\"context\": [\"a\"], \"filter\": []}", "filter"},
            {"{\"context\": [\"a\"], \"filter\": {\"a\": {\"like\": 1}}}", "filter"},
            {"{\"context\": [\"\\ud800\"]}", "context[0]"}};
        for (String[] each : wrong) {
            TinyServer.Answer answer = tiny.post("/v1/reply", each[0]);
            assertEquals(400, answer.status(), each[0]);
            assertEquals(each[1], answer.field(), each[0]);
            assertEquals("invalid_request_error", answer.json().at("/error/type").asText());
            assertEquals(answer.http().headers().firstValue("X-Request-Id").orElseThrow(),
                    answer.json().path("request_id").asText());
        }
        for (String body : List.of("", "{", "[]", "null", "{\"context\": [\"a\"], \"context\": [\"b\"]}",
                "{\"context\": [\"a\"]} x", "[".repeat(10_000))) {
            TinyServer.Answer answer = tiny.post("/v1/reply", body);
            assertEquals(400, answer.status(), body);
            assertEquals("invalid_json", answer.code(), body);
        }
    }

    @Test
    void pathsMethodsTypesAndSizesThatDoNotFitAreTold() throws Exception {
        assertEquals(404, tiny.get("/v2/reply").status());
        assertEquals("not_found", tiny.get("/v2/reply").code());
        TinyServer.Answer method = tiny.get("/v1/reply");
        assertEquals(405, method.status());
        assertEquals("POST", method.http().headers().firstValue("Allow").orElseThrow());
        URI reply = URI.create(tiny.url("/v1/reply"));
        assertEquals(415, tiny.send(HttpRequest.newBuilder(reply).header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))).status());
        assertEquals(415, tiny.send(HttpRequest.newBuilder(reply).header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip").POST(HttpRequest.BodyPublishers.ofString("{}"))).status());
        String large = "{\"context\": [\"" + "a".repeat(2 << 20) + "\"]}";
        assertEquals(413, tiny.post("/v1/reply", large).status());
        assertEquals(413, tiny.send(HttpRequest.newBuilder(reply).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8)))))
                .status(), "of a length that is not told beforehand");
        assertEquals(200, tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status());
    }

    @Test
    void healthFiguresDescriptionAndPageAreThere() throws Exception {
        assertEquals("live", tiny.get("/health/live").json().path("status").asText());
        assertEquals("ready", tiny.get("/health/ready").json().path("status").asText());
        tiny.post("/v1/reply", "{\"context\": [\"hello\"]}");
        String metrics = tiny.get("/metrics").http().body();
        for (String name : List.of("retort_requests_total{route=\"/v1/reply\",status=\"200\"}",
                "retort_stage_seconds_bucket{stage=\"encode\",le=\"+Inf\"}", "retort_batch_contexts_count",
                "retort_queue_contexts 0", "retort_index_responses", "retort_heap_used_bytes")) {
            assertTrue(metrics.contains(name), name);
        }
        for (String line : metrics.split("\n")) {
            assertTrue(line.startsWith("# ") || line.matches("[a-z_]+(\\{.*})? [0-9.+-]+"), line);
        }
        String page = tiny.get("/").http().body();
        assertTrue(page.contains("href=\"/api\""));
        assertFalse(page.contains("<script>") || page.contains("style=\""),
                "the policy of the page allows none inline");
        assertTrue(tiny.get("/api").http().body().contains("POST /v1/reply"));
        assertEquals(404, tiny.get("/page/..%2Fopenapi.json").status());
    }

    @Test
    void everyPathThatIsDescribedIsThereAndEveryPathThatIsThereIsDescribed() throws Exception {
        JsonNode paths = tiny.get("/openapi.json").json().path("paths");
        for (var path : paths.properties()) {
            for (var method : path.getValue().properties()) {
                String url = tiny.url(path.getKey().replace("{id}", "none"));
                TinyServer.Answer answer = tiny.send(HttpRequest.newBuilder(URI.create(url))
                        .method(method.getKey().toUpperCase(), HttpRequest.BodyPublishers.noBody()));
                assertFalse(answer.status() == 405 || answer.status() == 404 && answer.code().equals("not_found"),
                        method.getKey() + " " + path.getKey() + ": " + answer.status());
            }
        }
        Set<String> described = new HashSet<>();
        paths.fieldNames().forEachRemaining(described::add);
        assertTrue(described.containsAll(Set.of("/v1/reply", "/v1/replies", "/v1/chat/completions", "/v1/embeddings",
                "/v1/models", "/v1/models/{id}", "/v1/responses", "/v1/responses/{id}", "/admin/reload", "/metrics")));
    }

    @Test
    void answersAreSafeToShow() throws Exception {
        for (String path : List.of("/", "/v1/models", "/nowhere")) {
            var headers = tiny.get(path).http().headers();
            assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElseThrow());
            String policy = headers.firstValue("Content-Security-Policy").orElseThrow();
            assertTrue(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
            assertFalse(policy.contains("unsafe"));
            assertTrue(headers.firstValue("Access-Control-Allow-Origin").isEmpty());
        }
    }

    @Test
    void contextsThatComeTogetherGetTheRepliesThatEachGetsAlone() throws Exception {
        List<String> contexts = List.of("hello", "i love tea", "dog", "rain today", "we run", "good cat", "no",
                "bread");
        List<JsonNode> alone = new ArrayList<>();
        for (String each : contexts) alone.add(tiny.post("/v1/reply", body(each)).json().path("replies"));
        int most = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            // Until some have come together, which is no matter of chance in as many rounds.
            for (int round = 0; round < 10 || round < 1000 && most <= 1; round++) {
                List<Callable<JsonNode>> asking = new ArrayList<>();
                for (String each : contexts) asking.add(() -> tiny.post("/v1/reply", body(each)).json());
                List<Future<JsonNode>> answers = clients.invokeAll(asking);
                for (int i = 0; i < contexts.size(); i++) {
                    JsonNode json = answers.get(i).get();
                    most = Math.max(most, json.path("together").asInt());
                    for (int rank = 0; rank < 3; rank++) {
                        JsonNode one = alone.get(i).get(rank), other = json.path("replies").get(rank);
                        assertEquals(one.path("text"), other.path("text"), contexts.get(i));
                        assertEquals(one.path("score").asDouble(), other.path("score").asDouble(), 1e-5);
                    }
                }
            }
        }
        assertTrue(most > 1, "nothing was answered together");
    }

    private static String body(String turn) {
        return "{\"k\": 3, \"context\": [\"" + turn + "\"]}";
    }
}
