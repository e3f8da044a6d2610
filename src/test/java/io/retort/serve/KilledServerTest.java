package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.serve.ResponseJournal.Entry;
import io.retort.study.Study;
import io.retort.study.StudyPlan;
import io.retort.study.StudyPlanFile;
import io.retort.study.VotesFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real server, as a process of its own, is killed while it writes, and meets a disk that is full. */
class KilledServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WRITERS = 3;

    @TempDir
    Path folder;
    private Path index, model, plan, journal, right, wrong, votes;

    /** What was sent, and of that what was answered as kept. */
    private static final class Sent {
        private final Set<String> all = ConcurrentHashMap.newKeySet(), kept = ConcurrentHashMap.newKeySet();
    }

    private final Sent responses = new Sent(), likes = new Sent(), dislikes = new Sent(), ballots = new Sent();
    private final AtomicInteger number = new AtomicInteger();

    @BeforeEach
    void prepare() throws IOException {
        try (TinyServer tiny = new TinyServer(folder)) {
            index = tiny.index;
            model = tiny.model.path();
        }
        plan = PageTest.plan(folder.resolve("study.jsonl"), 80);
        journal = folder.resolve("tiny.index.responses.jsonl");
        right = folder.resolve("tiny.index.feedback.jsonl");
        wrong = FeedbackFiles.wrongBeside(right);
        votes = Study.votesBeside(plan);
    }

    @Test
    void whatWasAnsweredIsKeptWhenTheServerIsKilledAndWhenItsDiskIsFull() throws Exception {
        try (Running first = new Running()) {
            first.killedWhileItWrites();
        }
        leaveHalfLines();
        try (Running second = new Running()) {
            assertAllIsKept(second);
            fill(second);
            write(second, 3);
            second.process.destroyForcibly().waitFor();
        }
        assertFilesHoldWhatWasAnswered();
    }

    @Test
    @Tag("slow")
    void whatWasAnsweredIsKeptHoweverOftenTheServerIsKilled() throws Exception {
        for (int round = 0; round < 10; round++) {
            try (Running server = new Running()) {
                if (round > 0) assertAllIsKept(server);
                server.killedWhileItWrites();
            }
            assertFilesHoldWhatWasAnswered();
            leaveHalfLines();
        }
    }

    /** The server in a process of its own. */
    private final class Running implements AutoCloseable {
        private final Process process;
        private final HttpClient client = HttpClient.newHttpClient();
        private final int port;

        Running() throws IOException {
            process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx512m",
                    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp",
                    System.getProperty("java.class.path"), "io.retort.cli.Main", "serve", "--json", "--model",
                    model.toString(), "--index", index.toString(), "--port", "0", "--study", plan.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
                String line = said.readLine();
                assertTrue(line != null, "the server did not start");
                port = JSON.readTree(line).path("port").asInt();
            }
        }

        HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
            return client.send(request.timeout(Duration.ofSeconds(300)).build(), HttpResponse.BodyHandlers.ofString());
        }

        HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
            return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)));
        }

        JsonNode get(String path) throws IOException, InterruptedException {
            return JSON.readTree(
                    send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))).body());
        }

        /** Everything is written at once, until a good deal of each is kept, and then the process is killed. */
        void killedWhileItWrites() throws InterruptedException {
            List<Sent> kinds = List.of(responses, likes, dislikes, ballots);
            List<Integer> before = kinds.stream().map(sent -> sent.kept.size()).toList();
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(Thread.startVirtualThread(() -> untilItIsGone(() -> respond(this, "") == 201)));
                writers.add(Thread.startVirtualThread(() -> untilItIsGone(() -> judge(this, "") == 201)));
            }
            for (String judge : List.of("anna", "bert")) {
                writers.add(Thread.startVirtualThread(() -> untilItIsGone(() -> vote(this, judge) == 200)));
            }
            for (int i = 0; i < 30_000; i++) {
                boolean isEnough = true;
                for (int kind = 0; kind < kinds.size(); kind++) {
                    isEnough &= kinds.get(kind).kept.size() - before.get(kind) >= 10;
                }
                if (isEnough) break;
                Thread.sleep(10);
            }
            process.destroyForcibly().waitFor();
            for (Thread each : writers) each.join();
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
            client.close();
        }
    }

    /** Writes one thing; false if there is no more to write. */
    private interface Writing {
        boolean next() throws Exception;
    }

    private static void untilItIsGone(Writing writing) {
        try {
            while (writing.next()) {
                // until the server is gone
            }
        } catch (Exception e) {
            return;
        }
    }

    private int respond(Running server, String filling) throws Exception {
        String text = "i love tea " + number.incrementAndGet();
        responses.all.add(text);
        int status = server.post("/v1/responses", JSON.writeValueAsString(JSON.createObjectNode().put("text", text)
                .set("metadata", JSON.createObjectNode().put("note", filling)))).statusCode();
        if (status == 201) responses.kept.add(text);
        return status;
    }

    private int judge(Running server, String filling) throws Exception {
        int given = number.incrementAndGet();
        String turn = "do you like bread " + given + filling;
        boolean isLiked = given % 2 == 0;
        (isLiked ? likes : dislikes).all.add(turn);
        int status = server.post("/v1/feedback", JSON.writeValueAsString(JSON.createObjectNode()
                .put("reply", "yes i do").put("rating", isLiked ? "up" : "down")
                .put("better", isLiked ? null : "no, tea").set("context", JSON.createArrayNode().add(turn))))
                .statusCode();
        if (status == 201) (isLiked ? likes : dislikes).kept.add(turn);
        return status;
    }

    private int vote(Running server, String judge) throws Exception {
        String name = JSON.writeValueAsString(judge);
        JsonNode item = JSON.readTree(server.post("/v1/study/next", "{\"judge\": " + name + "}").body()).path("item");
        if (item.isNull()) return 204;
        String ballot = judge + " " + item.path("id").asText();
        ballots.all.add(ballot);
        int status = server.post("/v1/study/vote",
                "{\"judge\": " + name + ", \"item\": " + item.path("id") + ", \"answer\": \"left\"}").statusCode();
        if (status == 200) ballots.kept.add(ballot);
        return status;
    }

    /** As if the process had been killed within a write: the first half of a line stands at the end of each file. */
    private void leaveHalfLines() throws IOException {
        for (Path file : List.of(journal, right, wrong, votes)) {
            byte[] bytes = Files.readAllBytes(file);
            String last = new String(bytes, StandardCharsets.UTF_8).lines().toList().getLast();
            Files.writeString(file, last.substring(0, last.length() / 2), StandardOpenOption.APPEND);
        }
    }

    private void assertAllIsKept(Running server) throws Exception {
        Set<String> listed = new HashSet<>();
        for (String at = "0"; at != null;) {
            JsonNode page = server.get("/v1/responses?state=added&limit=100&after=" + at);
            page.path("responses").forEach(each -> listed.add(each.path("text").asText()));
            at = page.path("next").isNull() ? null : page.path("next").asText();
        }
        assertKept(responses, listed, WRITERS);
        write(server, 2);
    }

    /** What was answered is there, and of what was not answered no more than what was under way. */
    private static void assertKept(Sent sent, Set<String> found, int underWay) {
        assertTrue(found.containsAll(sent.kept), "lost: " + difference(sent.kept, found));
        assertTrue(sent.all.containsAll(found), "made up: " + difference(found, sent.all));
        Set<String> more = difference(found, sent.kept);
        assertTrue(more.size() <= underWay, "more than was under way: " + more);
        sent.kept.addAll(more); // nobody was told, but they are there
    }

    private static Set<String> difference(Set<String> of, Set<String> without) {
        Set<String> left = new HashSet<>(of);
        left.removeAll(without);
        return left;
    }

    /** Each file takes more, and what is half a line is gone from it. */
    private void write(Running server, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            assertEquals(201, respond(server, ""));
            assertEquals(201, judge(server, ""));
            assertEquals(201, judge(server, ""));
            assertEquals(200, vote(server, i % 2 == 0 ? "anna" : "bert"));
        }
    }

    private void assertFilesHoldWhatWasAnswered() throws Exception {
        Set<String> added;
        try (ResponseJournal read = ResponseJournal.open(journal)) {
            added = read.from(0).stream().map(Entry::text).collect(Collectors.toSet());
        }
        assertKept(responses, added, WRITERS);
        assertKept(likes, turns(right, "yes i do"), WRITERS);
        assertKept(dislikes, turns(wrong, ""), WRITERS);
        StudyPlan planned = StudyPlanFile.read(plan);
        assertKept(ballots, VotesFile.read(votes, planned).votes().stream()
                .map(each -> each.judge() + " " + each.item()).collect(Collectors.toSet()), 2);
    }

    /** The last turns of the contexts of whole lines, where a reply is a candidate. */
    private static Set<String> turns(Path file, String reply) throws IOException {
        String text = Files.readString(file);
        Set<String> turns = new HashSet<>();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            JsonNode json = JSON.readTree(line);
            if (json.at("/candidates/0/text").asText().equals(reply)) turns.add(json.at("/context/0").asText());
        }
        return turns;
    }

    /** The disk has room for a part of the next lines only: they are refused by name, and the rest goes on. */
    private void fill(Running server) throws Exception {
        boolean canLimit = Files.isExecutable(Path.of("/usr/bin/prlimit"));
        if (!canLimit) System.err.println("SKIPPED: a full disk, which util-linux' prlimit plays");
        assumeTrue(canLimit, "no prlimit");
        String filling = " tea".repeat(100);
        limit(server, Long.toString(Files.size(journal) + 700));
        full(server, journal, () -> respond(server, filling));
        limit(server, Long.toString(Math.max(Files.size(right), Files.size(wrong)) + 900));
        full(server, right, () -> judge(server, filling));
        limit(server, Long.toString(Files.size(votes) + 300));
        full(server, votes, () -> vote(server, "anna"));
        limit(server, "unlimited");
    }

    private static void limit(Running server, String bytes) throws Exception {
        assertEquals(0, new ProcessBuilder("/usr/bin/prlimit", "--pid", Long.toString(server.process.pid()),
                "--fsize=" + bytes + ":").inheritIO().start().waitFor());
    }

    private interface Request {
        int status() throws Exception;
    }

    private void full(Running server, Path file, Request request) throws Exception {
        int status = request.status();
        for (int i = 0; i < 50 && status / 100 == 2; i++) status = request.status();
        assertEquals(507, status, file.getFileName() + " at " + Files.size(file));
        byte[] bytes = Files.readAllBytes(file);
        assertEquals('\n', bytes[bytes.length - 1], "a part of what was refused is in " + file.getFileName());
        assertEquals(507, request.status());
        assertEquals(200, server.post("/v1/reply", "{\"context\": [\"hello\"]}").statusCode());
    }
}
