package io.retort.teacher.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.jobs.GenerateJob;
import io.retort.jobs.GenerateSettings;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.ScoreJob;
import io.retort.jobs.ScoreSettings;
import io.retort.teacher.JudgementRequest;
import io.retort.teacher.ReplyRequest;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of work while a teacher's server fails, and of its key. */
class RemoteFaultsTest {
    private static final Decoding SAMPLING = new Decoding.Sampling(0.8, 0, 0.9, 7);
    private static final String KEY = "sk-open-sesame-0123456789", VARIABLE = "A_KEY";

    @TempDir
    Path work;

    private static FakeServer.Fault status(int status, String body, String... headers) {
        return (exchange, _) -> {
            for (int i = 0; i < headers.length; i += 2) exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            FakeServer.send(exchange, status, body.getBytes(StandardCharsets.UTF_8));
        };
    }

    private static void cut(HttpExchange exchange, byte[] answer) throws IOException {
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer, 0, answer.length / 2);
        exchange.getResponseBody().flush();
        throw new IOException("dies in the middle");
    }

    private static void slow(HttpExchange exchange, byte[] answer) throws IOException {
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer, 0, 5);
        exchange.getResponseBody().flush();
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> replies(RemoteTeacher teacher) {
        List<String> told = new ArrayList<>();
        teacher.reply(SAMPLING, Constraints.atMost(9), IntStream.range(0, 5)
                .mapToObj(i -> ReplyRequest.of("c" + i, Context.of("We run " + i), 1)).iterator(),
                said -> told.add(said.replies().getFirst().text()));
        return told;
    }

    @Test
    void faultsThatPassChangeNothing() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT);
                RemoteTeacher teacher = RemoteTeacherTest.open(RemoteTeacherTest.settings(server)
                        .withPatience(Duration.ofSeconds(4), 5))) {
            List<String> whole = replies(teacher);
            Map<String, FakeServer.Fault> faults = new LinkedHashMap<>();
            faults.put("429", status(429, "{\"error\": {\"message\": \"slow down\"}}", "Retry-After", "0"));
            faults.put("500", status(500, "oops"));
            faults.put("503 as a page", status(503, "<html>busy</html>", "Retry-After", "0.02"));
            faults.put("half of a JSON", (exchange, answer) -> FakeServer.send(exchange, 200,
                    Arrays.copyOf(answer, answer.length / 2)));
            faults.put("no body", status(200, ""));
            faults.put("dies in the middle", RemoteFaultsTest::cut);
            faults.put("slow", RemoteFaultsTest::slow);
            for (var fault : faults.entrySet()) {
                RemoteUsage before = teacher.usage();
                server.faults.addAll(Collections.nCopies(fault.getKey().equals("slow") ? 1 : 2, fault.getValue()));
                assertEquals(whole, replies(teacher), fault.getKey());
                assertTrue(teacher.usage().since(before).again() >= 1, fault.getKey());
            }
        }
    }

    @Test
    void faultsThatStayAreToldWithTheirRemedy() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT);
                RemoteTeacher teacher = RemoteTeacherTest.open(server)) {
            Map<FakeServer.Fault, List<String>> told = new LinkedHashMap<>();
            told.put(status(200, "<!doctype html><title>Login</title>"), List.of("web page", "/v1"));
            told.put(status(401, "{}"), List.of("401", RemoteTeacherSettings.KEY_VARIABLE));
            told.put(status(400, "{\"error\": {\"message\": \"seed\\u0007 is not known\"}}"),
                    List.of("400 (seed is not known)", "c0"));
            told.put(status(404, "{\"detail\": \"Not Found\"}"), List.of("404", "`chat`"));
            told.put(status(307, "", "Location", "http://127.0.0.1:1/v1"), List.of("307", "somewhere else"));
            told.put(status(503, "busy"), List.of("503 (busy)", "6 times", "what is done is kept"));
            told.put(status(429, "", "Retry-After", "86400"), List.of("429", "1440 minutes", "what is done is kept"));
            told.put(status(200, "{\"choices\": []}"), List.of("without a choice", "what is done is kept"));
            told.put(status(200, "[1, 2"), List.of("no whole JSON", "what is done is kept"));
            told.put(status(200, "{\"choices\": [{\"text\": {\"a\": 1}}]}"), List.of("without a text"));
            told.forEach((fault, parts) -> {
                server.faultOf = _ -> fault;
                String message = assertThrows(BadInput.class, () -> ask(server)).getMessage();
                for (String part : parts) assertTrue(message.contains(part), message);
                assertTrue(message.chars().noneMatch(letter -> letter < ' '), message);
            });
            assertTrue(teacher.usage().requests() > 0);
        }
    }

    /** Asks for replies with a teacher whom the server's first answers did not reach. */
    private static void ask(FakeServer server) {
        var fault = server.faultOf;
        server.faultOf = _ -> null;
        try (RemoteTeacher teacher = RemoteTeacherTest.open(server)) {
            server.faultOf = fault;
            replies(teacher);
        }
    }

    @Test
    void anAnswerWithoutEndIsNotRead() throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT);
                RemoteTeacher teacher = RemoteTeacherTest.open(RemoteTeacherTest.settings(server)
                        .withPatience(Duration.ofSeconds(60), 0))) {
            server.faultOf = _ -> (exchange, _) -> {
                exchange.sendResponseHeaders(200, 0);
                byte[] part = new byte[1 << 20];
                Arrays.fill(part, (byte) ' ');
                for (int i = 0; i < 2 * (Endpoint.MOST_BYTES >> 20); i++) exchange.getResponseBody().write(part);
            };
            String told = assertThrows(TeacherUnavailable.class, () -> replies(teacher)).getMessage();
            assertTrue(told.contains("more than 8 MiB"), told);
        }
    }

    @Test
    void aServerThatIsGoneIsSaidToBe() throws IOException {
        RemoteTeacherSettings settings;
        try (FakeServer server = new FakeServer(FakeServer.Form.WITHOUT)) {
            settings = RemoteTeacherTest.settings(server).withPatience(Duration.ofSeconds(5), 1);
        }
        String told = assertThrows(TeacherUnavailable.class, () -> RemoteTeacherTest.open(settings)).getMessage();
        assertTrue(told.contains("takes no connection") && told.contains("run the same again"), told);
    }

    @Test
    void aJobWhoseServerDiesGoesOnWithAnotherToTheSameBytes() throws IOException {
        List<Dialogue> talks = IntStream.range(0, 12).mapToObj(i -> new Dialogue("t" + i, "own",
                List.of(new Turn("a", "We run " + i), new Turn("b", "Why?")))).toList();
        Path data = work.resolve("talks.jsonl");
        DialogueFile.FORMAT.write(data, talks);
        GenerateSettings generate = GenerateSettings.defaults().withData(List.of(data)).withReplies(2);
        Path whole = work.resolve("whole.jsonl"), broken = work.resolve("broken.jsonl");
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM);
                RemoteTeacher teacher = RemoteTeacherTest.open(server)) {
            new GenerateJob(generate, whole).run(teacher, RecordsListener.none());
        }
        dying(teacher -> new GenerateJob(generate, broken).run(teacher, RecordsListener.none()));
        assertEquals(Files.readString(whole), Files.readString(broken));

        Path scored = work.resolve("scored.jsonl"), brokenScores = work.resolve("broken-scores.jsonl");
        ScoreSettings score = ScoreSettings.defaults().withData(whole);
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM);
                RemoteTeacher teacher = RemoteTeacherTest.open(server)) {
            new ScoreJob(score, scored).run(teacher, RecordsListener.none());
        }
        dying(teacher -> new ScoreJob(score, brokenScores).run(teacher, RecordsListener.none()));
        assertEquals(Files.readString(scored), Files.readString(brokenScores));
    }

    private interface Work {
        void with(RemoteTeacher teacher) throws IOException;
    }

    /** Does work with a server that fails for good in the middle, and again with another one. */
    private static void dying(Work work) throws IOException {
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM);
                RemoteTeacher teacher = RemoteTeacherTest.open(
                        RemoteTeacherTest.settings(server).withRequests(1).withPatience(Duration.ofSeconds(5), 1))) {
            AtomicInteger left = new AtomicInteger(20);
            server.faultOf = _ -> left.decrementAndGet() < 0 ? RemoteFaultsTest::cut : null;
            assertThrows(TeacherUnavailable.class, () -> work.with(teacher));
        }
        try (FakeServer server = new FakeServer(FakeServer.Form.VLLM);
                RemoteTeacher teacher = RemoteTeacherTest.open(server)) {
            int before = server.requests.get();
            work.with(teacher);
            assertTrue(server.requests.get() > before);
        }
    }

    @Test
    void theKeyGoesToTheServerAndNowhereElse() throws IOException {
        Path data = work.resolve("talks.jsonl"), out = work.resolve("out.jsonl");
        DialogueFile.FORMAT.write(data,
                List.of(new Dialogue("t", "own", List.of(new Turn("a", "Hi."), new Turn("b", "Ho.")))));
        List<String> told = new ArrayList<>();
        try (FakeServer server = new FakeServer(FakeServer.Form.ECHO)) {
            RemoteTeacherSettings settings = RemoteTeacherTest.settings(server).withKeyVariable(VARIABLE);
            told.add(settings.toString());
            try (RemoteTeacher teacher = RemoteTeacher.open(settings, Map.of(VARIABLE, KEY + "\n"),
                    Duration.ofMillis(2))) {
                new GenerateJob(GenerateSettings.defaults().withData(List.of(data)), out).run(teacher,
                        RecordsListener.none());
                told.addAll(List.of(teacher.sentence(), teacher.provenance().toString(), teacher.toString(),
                        teacher.usage().sentence(Optional.empty())));
                for (FakeServer.Fault fault : List.of(
                        status(401, "{\"error\": {\"message\": \"wrong key " + KEY + "\"}}"),
                        status(400, "{\"error\": {\"message\": \"you sent " + KEY + "\"}}"), status(503, KEY))) {
                    server.faultOf = _ -> fault;
                    Throwable refused = assertThrows(BadInput.class, () -> replies(teacher));
                    for (; refused != null; refused = refused.getCause()) told.add(refused.toString());
                }
            }
            assertFalse(server.authorizations.isEmpty());
            assertTrue(server.authorizations.stream().allMatch(("Bearer " + KEY)::equals));
            told.add(assertThrows(BadInput.class, () -> RemoteTeacher.open(settings,
                    Map.of(VARIABLE, KEY + "\r\nX-Other: 1"), Duration.ofMillis(2))).toString());
        }
        told.add(assertThrows(IllegalArgumentException.class,
                () -> RemoteTeacherSettings.address("http://me:" + KEY + "@host/v1")).toString());
        told.add(assertThrows(IllegalArgumentException.class,
                () -> RemoteTeacherSettings.address("http://host/v1?key=" + KEY)).toString());
        try (var files = Files.walk(work)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) told.add(Files.readString(file));
        }
        assertTrue(told.size() > 8);
        for (String text : told) assertFalse(text.contains(KEY), text);
    }

    @Test
    void waitsAreReadFromAnyOfTheirHeaders() {
        Instant now = Instant.parse("2026-11-27T12:00:00Z");
        record Case(int status, Map<String, String> headers, Optional<Duration> asked) {
        }
        List<Case> cases = List.of(
                new Case(429, Map.of("Retry-After", "3"), Optional.of(Duration.ofSeconds(3))),
                new Case(503, Map.of("retry-after", "Fri, 27 Nov 2026 12:00:30 GMT"),
                        Optional.of(Duration.ofSeconds(30))),
                new Case(429, Map.of("retry-after-ms", "250", "retry-after", "9"), Optional.of(Duration.ofMillis(250))),
                new Case(200, Map.of("retry-after", "9"), Optional.empty()),
                new Case(200, Map.of("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1m2.5s"),
                        Optional.of(Duration.ofMillis(62_500))),
                new Case(200, Map.of("x-ratelimit-remaining-requests", "7", "x-ratelimit-reset-requests", "1m"),
                        Optional.empty()),
                new Case(429, Map.of("x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "20ms"),
                        Optional.of(Duration.ofMillis(20))),
                new Case(429, Map.of("retry-after", "soon"), Optional.empty()),
                new Case(429, Map.of("retry-after", "99999999999999999999"), Optional.empty()));
        for (Case each : cases) {
            Map<String, List<String>> headers = new LinkedHashMap<>();
            each.headers.forEach((name, value) -> headers.put(name, List.of(value)));
            assertEquals(each.asked, RateLimit.asked(each.status, HttpHeaders.of(headers, (_, _) -> true), now),
                    each.toString());
        }
    }

    /** Whatever bytes a server sends, work ends well or with a message. */
    @Test
    void damagedAnswersAreReadOrRefusedByName() throws IOException {
        Random draws = new Random(5);
        int refused = 0;
        for (FakeServer.Form form : FakeServer.Form.values()) {
            try (FakeServer server = new FakeServer(form);
                    RemoteTeacher teacher = RemoteTeacherTest.open(RemoteTeacherTest.settings(server)
                            .withPatience(Duration.ofSeconds(5), 0))) {
                server.faultOf = _ -> (exchange, answer) -> {
                    byte[] damaged = answer.clone();
                    int times = 1 + draws.nextInt(3);
                    for (int i = 0; i < times; i++) {
                        damaged[draws.nextInt(damaged.length)] = (byte) "[]{},:\"019.-enul\\\u0000 ".charAt(
                                draws.nextInt(20));
                    }
                    FakeServer.send(exchange, 200, damaged);
                };
                for (int i = 0; i < 40; i++) {
                    try {
                        if (teacher.capabilities().judges() && i % 2 == 0) {
                            teacher.judge(List.of(new JudgementRequest("one", Context.of("We run."), List.of("Why?")))
                                    .iterator(), _ -> {
                                    });
                        } else {
                            replies(teacher);
                        }
                    } catch (BadInput e) {
                        refused++;
                        assertTrue(e.getMessage().contains("server"), e.getMessage());
                    }
                }
            }
        }
        assertTrue(refused > 50, "refused: " + refused);
    }

    @Test
    void aDistilledFileKeepsItsScoresApartFromTheServersName() throws IOException {
        Path data = work.resolve("data.jsonl"), out = work.resolve("out.jsonl");
        DistilledFile.FORMAT.write(data, List.of(new Distilled("a", Context.of("We run."),
                List.of(new Candidate("Why?", Origin.ORIGINAL)), Map.of())));
        try (FakeServer server = new FakeServer(FakeServer.Form.LLAMA_CPP);
                RemoteTeacher teacher = RemoteTeacherTest.open(server)) {
            new ScoreJob(ScoreSettings.defaults().withData(data), out).run(teacher, RecordsListener.none());
        }
        String text = Files.readString(out);
        assertTrue(text.contains("\"model\":\"tiny\"") && text.contains("\"likelihoods\":\"forced\""), text);
        assertFalse(text.contains("127.0.0.1"), "where the server was decides nothing");
    }
}
