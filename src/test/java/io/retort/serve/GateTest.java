package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.settings.SettingsCodec;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, how much is taken, and how it ends. */
class GateTest {
    private static final String KEY = "k".repeat(40);
    /** By which requests of one test are told from those to other servers, whose log is the same. */
    private static final String MARK = "of-the-test-of-the-log";

    @TempDir
    Path folder;

    /** Settings with some values of their keys replaced. */
    private static TinyServer.Settings with(Map<String, Object> values) {
        return usual -> SettingsCodec.of(ServeSettings.class).with(usual, values);
    }

    private Map<String, Object> keyed() throws Exception {
        Path file = folder.resolve("key");
        Files.writeString(file, KEY + "\n");
        return Map.of("api-key-file", Optional.of(file));
    }

    private static int status(TinyServer tiny, String method, String path, String header, String value)
            throws Exception {
        return tiny.send(HttpRequest.newBuilder(URI.create(tiny.url(path))).header(header, value).method(method,
                HttpRequest.BodyPublishers.noBody())).status();
    }

    @Test
    void withAKeyNothingButHealthAndThePageIsAnsweredWithoutIt() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(keyed()))) {
            for (String path : List.of("/v1/models", "/v1/responses", "/metrics")) {
                TinyServer.Answer refused = tiny.get(path);
                assertEquals(401, refused.status(), path);
                assertEquals("invalid_api_key", refused.code());
                assertEquals(401, status(tiny, "GET", path, "Authorization", "Bearer " + KEY + "k"));
                assertEquals(200, status(tiny, "GET", path, "Authorization", "Bearer " + KEY));
                assertEquals(200, status(tiny, "GET", path, "X-Api-Key", KEY));
            }
            for (String path : List.of("/", "/api", "/openapi.json", "/health/live", "/health/ready")) {
                assertEquals(200, tiny.get(path).status(), path);
            }
        }
    }

    @Test
    void otherMachinesAreNotServedWithoutAKeyUnlessTheServerIsOpen() throws Exception {
        BadInput refused = assertThrows(BadInput.class,
                () -> new TinyServer(folder, with(Map.of("host", "0.0.0.0"))));
        assertTrue(refused.getMessage().contains("RETORT_API_KEY"), refused.getMessage());
        try (TinyServer tiny = new TinyServer(Files.createDirectory(folder.resolve("open")),
                with(Map.of("host", "0.0.0.0", "open", true)))) {
            assertEquals(200, tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status());
            assertEquals(403, tiny.post("/v1/responses", "{\"text\": \"never eat rain\"}").status());
            assertEquals(403, tiny.post("/admin/reload", "{}").status());
        }
    }

    @Test
    void pagesOfOthersReachTheServerOnlyIfTheyAreNamed() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("cors", List.of("https://chat.example"))))) {
            for (String origin : List.of("https://chat.example", "https://evil.example")) {
                TinyServer.Answer asked = tiny.send(HttpRequest.newBuilder(URI.create(tiny.url("/v1/reply")))
                        .header("Origin", origin).header("Access-Control-Request-Method", "POST")
                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
                assertEquals(204, asked.status());
                assertEquals(origin.contains("chat") ? Optional.of(origin) : Optional.empty(),
                        asked.http().headers().firstValue("Access-Control-Allow-Origin"));
            }
            // A name that leads here, of somebody else's page.
            assertTrue(raw(tiny, "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
                    .startsWith("HTTP/1.1 403"));
        }
    }

    private static String raw(TinyServer tiny, String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", tiny.server().port())) {
            socket.setSoTimeout(120_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatDoesNotFitTheQueueIsRefusedAtOnceAndTheRestIsAnswered() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("queue", 2, "batch", 1)))) {
            AtomicInteger answered = new AtomicInteger(), refused = new AtomicInteger(), others = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            // Until some have come at the same time.
            List<Thread> clients = java.util.stream.IntStream.range(0, 24)
                    .mapToObj(_ -> Thread.startVirtualThread(() -> {
                        try {
                            start.await();
                            for (int i = 0; i < 10 || i < 10_000 && refused.get() == 0; i++) {
                                TinyServer.Answer answer = tiny.post("/v1/reply", "{\"context\": [\"hello\"]}");
                                boolean told = answer.http().headers().firstValue("Retry-After").isPresent();
                                if (answer.status() == 200) answered.incrementAndGet();
                                else if (answer.status() == 503 && told) refused.incrementAndGet();
                                else others.incrementAndGet();
                            }
                        } catch (Exception e) {
                            others.incrementAndGet();
                        }
                    })).toList();
            start.countDown();
            for (Thread each : clients) each.join();
            assertEquals(0, others.get());
            assertTrue(answered.get() > 0 && refused.get() > 0, answered + " answered, " + refused + " refused");
        }
    }

    @Test
    void aClientThatSendsTooSlowlyIsCutOffAndOthersAreServed() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("read-timeout", 4)))) {
            try (Socket slow = new Socket("127.0.0.1", tiny.server().port())) {
                slow.setSoTimeout(120_000);
                OutputStream out = slow.getOutputStream();
                out.write(("POST /v1/reply HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 500\r\n\r\n{\"context\": [").getBytes(StandardCharsets.US_ASCII));
                out.flush();
                assertEquals(200, tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status());
                InputStream in = slow.getInputStream();
                byte[] answer = in.readAllBytes(); // ends when the server closes
                assertFalse(new String(answer, StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200"));
            }
            assertEquals(200, tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status());
        }
    }

    @Test
    void closingLetsRequestsUnderWayEndAndRefusesNewOnes() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("read-timeout", 120, "drain", 120)))) {
            try (Socket begun = new Socket("127.0.0.1", tiny.server().port())) {
                begun.setSoTimeout(120_000);
                OutputStream out = begun.getOutputStream();
                String body = "{\"context\": [\"hello\"]}";
                out.write(("POST /v1/reply HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n{")
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
                tiny.awaitRequestsInFlight(2);
                Thread closing = Thread.startVirtualThread(tiny.server()::close);
                while (tiny.get("/health/ready").status() != 503) Thread.sleep(10);
                assertEquals(503, tiny.post("/v1/reply", body).status());
                assertEquals(200, tiny.get("/health/live").status());
                out.write(body.substring(1).getBytes(StandardCharsets.US_ASCII));
                out.flush();
                String answer = new String(begun.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
                closing.join();
            }
        }
    }

    private static HttpRequest.Builder marked(TinyServer tiny, String path) {
        return HttpRequest.newBuilder(URI.create(tiny.url(path))).header("Content-Type", "application/json")
                .header("X-Request-Id", MARK);
    }

    @Test
    void theLogOfRequestsHoldsNoTextOfUsersUnlessItIsAskedTo() throws Exception {
        for (boolean texts : List.of(false, true)) {
            var log = (ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("io.retort.serve.requests");
            var lines = new ch.qos.logback.core.read.ListAppender<ch.qos.logback.classic.spi.ILoggingEvent>();
            try (TinyServer tiny = new TinyServer(Files.createDirectory(folder.resolve("texts-" + texts)),
                    with(Map.of("log-texts", texts)))) {
                lines.start();
                log.addAppender(lines);
                log.setLevel(ch.qos.logback.classic.Level.INFO);
                log.setAdditive(false);
                tiny.send(marked(tiny, "/v1/reply").POST(
                        HttpRequest.BodyPublishers.ofString("{\"context\": [\"secret dog\"]}")));
                tiny.send(marked(tiny, "/v1/chat/completions").POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\": \"retort\", \"messages\": [{\"role\": \"user\", \"content\": \"secret dog\"}]}")));
                tiny.send(marked(tiny, "/v1/responses?q=secret"));
            } finally {
                log.detachAppender(lines);
                log.setLevel(ch.qos.logback.classic.Level.OFF);
            }
            List<String> said = List.copyOf(lines.list).stream().map(event -> event.getFormattedMessage())
                    .filter(line -> line.contains(MARK)).toList();
            assertEquals(3, said.size());
            for (String line : said) {
                ObjectNode json = (ObjectNode) Fields.JSON.readTree(line);
                assertEquals(200, json.path("status").asInt());
            }
            assertEquals(texts, said.stream().anyMatch(line -> line.contains("secret")));
        }
    }
}
