package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.settings.SettingsCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a server while it serves: slow and broken connections, files that are cut, TLS, its own end. */
class FaultsTest {
    private static final String ASKING = "{\"context\": [\"hello\"]}";

    @TempDir
    Path folder;

    private static TinyServer.Settings with(Map<String, Object> values) {
        return usual -> SettingsCodec.of(ServeSettings.class).with(usual, values);
    }

    @Test
    void slowAndBrokenConnectionsDisturbNobodyElse() throws Exception {
        disturbed(150, 1);
    }

    @Test
    @Tag("slow")
    void twoThousandSlowAndBrokenConnectionsDisturbNobodyElse() throws Exception {
        disturbed(2000, 2);
    }

    /** Eight clients work all the while; every one of their requests is answered. */
    private void disturbed(int connections, long seed) throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("read-timeout", 4)))) {
            AtomicBoolean ends = new AtomicBoolean();
            AtomicInteger answered = new AtomicInteger(), failed = new AtomicInteger();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(Thread.startVirtualThread(() -> {
                    while (!ends.get()) {
                        try {
                            (tiny.post("/v1/reply", ASKING).status() == 200 ? answered : failed).incrementAndGet();
                        } catch (Exception e) {
                            failed.incrementAndGet();
                        }
                    }
                }));
            }
            List<Socket> held = new ArrayList<>();
            try {
                Random random = new Random(seed);
                for (int i = 0; i < connections; i++) disturb(tiny, random.nextInt(6), held);
                Thread.sleep(4500); // beyond the time that a client may take
            } finally {
                ends.set(true);
                for (Thread each : clients) each.join();
                for (Socket each : held) each.close();
            }
            assertEquals(0, failed.get());
            assertTrue(answered.get() >= 8, answered + " answers");
            tiny.awaitRequestsInFlight(1); // those of broken connections end, too
        }
    }

    private static void disturb(TinyServer tiny, int kind, List<Socket> held) throws IOException {
        Socket socket = new Socket("127.0.0.1", tiny.server().port());
        held.add(socket);
        OutputStream out = socket.getOutputStream();
        String head = "POST /v1/reply HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ";
        try {
            switch (kind) {
                case 0 -> out.flush(); // says nothing
                case 1 -> out.write(head.substring(0, 30).getBytes(StandardCharsets.US_ASCII));
                case 2 -> out.write((head + "500\r\n\r\n{\"context\": [").getBytes(StandardCharsets.US_ASCII));
                case 3 -> { // is gone before the answer
                    out.write((head + ASKING.length() + "\r\n\r\n" + ASKING).getBytes(StandardCharsets.US_ASCII));
                    socket.setSoLinger(true, 0);
                    socket.close();
                }
                case 4 -> { // asks ten times and reads nothing
                    String request = head + ASKING.length() + "\r\n\r\n" + ASKING;
                    out.write(request.repeat(10).getBytes(StandardCharsets.US_ASCII));
                }
                default -> out.write(new byte[]{22, 3, 1, 2, 0, 1, 0, 1, (byte) 252, 3, 3}); // speaks TLS
            }
        } catch (IOException e) {
            return; // the server has had enough of it already
        }
    }

    /** A file that is mapped would end the process here. */
    @Test
    void anIndexThatIsCutOrDeletedServesOnAndIsNotTakenOver() throws Exception {
        try (TinyServer tiny = new TinyServer(folder)) {
            String before = tiny.post("/v1/reply", ASKING).json().at("/replies/0/text").asText();
            try (FileChannel channel = FileChannel.open(tiny.index, StandardOpenOption.WRITE)) {
                channel.truncate(100);
            }
            for (int i = 0; i < 50; i++) {
                TinyServer.Answer answer = tiny.post("/v1/reply", "{\"context\": [\"hello\"], \"k\": 60}");
                assertEquals(200, answer.status());
                assertEquals(before, answer.json().at("/replies/0/text").asText());
            }
            TinyServer.Answer refused = tiny.post("/admin/reload", "{}");
            assertEquals(422, refused.status());
            assertTrue(refused.json().at("/error/message").asText().contains("ends within the header"),
                    refused.json().toString());
            Files.delete(tiny.index);
            assertEquals(422, tiny.post("/admin/reload", "{}").status());
            assertEquals(200, tiny.post("/v1/reply", ASKING).status());
        }
    }

    @Test
    void aWatchedIndexIsTakenOverWhenItChangesAndABrokenOneIsToldAndNot() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("watch", true)))) {
            Files.write(folder.resolve("broken"), new byte[]{1, 2, 3});
            Files.move(folder.resolve("broken"), tiny.index, StandardCopyOption.REPLACE_EXISTING);
            await(tiny, json -> json.contains("last_reload"));
            assertEquals(60, tiny.get("/health/ready").json().path("responses").asInt());
            assertEquals(200, tiny.post("/v1/reply", ASKING).status());
            assertTrue(tiny.get("/metrics").http().body().contains("retort_reload_failures_total 1"));
            Files.move(tiny.writeIndex(folder.resolve("next.index"), 40), tiny.index,
                    StandardCopyOption.REPLACE_EXISTING);
            await(tiny, json -> json.contains("\"responses\":40") && !json.contains("last_reload"));
        }
    }

    private static void await(TinyServer tiny, java.util.function.Predicate<String> until) throws Exception {
        for (int i = 0; i < 1200; i++) {
            if (until.test(tiny.get("/health/ready").json().toString())) return;
            Thread.sleep(50);
        }
        throw new AssertionError(tiny.get("/health/ready").json().toString());
    }

    @Test
    void aStreamThatWasBegunBeforeTheEndIsSentToItsEnd() throws Exception {
        try (TinyServer tiny = new TinyServer(folder, with(Map.of("read-timeout", 120, "drain", 120)));
                Socket begun = new Socket("127.0.0.1", tiny.server().port())) {
            begun.setSoTimeout(120_000);
            String body = "{\"model\": \"retort\", \"n\": 16, \"stream\": true, "
                    + "\"messages\": [{\"role\": \"user\", \"content\": \"rain\"}]}";
            OutputStream out = begun.getOutputStream();
            out.write(("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n{")
                    .getBytes(StandardCharsets.US_ASCII));
            tiny.awaitRequestsInFlight(2);
            Thread closing = Thread.startVirtualThread(tiny.server()::close);
            while (tiny.get("/health/ready").status() != 503) Thread.sleep(10);
            out.write(body.substring(1).getBytes(StandardCharsets.US_ASCII));
            String answer = new String(begun.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
            assertTrue(answer.contains("data: [DONE]"), answer);
            closing.join();
        }
    }

    /** However much waits, the refusal does not wait with it, since nothing is done before it. */
    @Test
    void moreThanMayBeUnderWayIsLetInOnlyWhereNothingElseIs() {
        Admission admission = new Admission(2);
        try (Admission.Ticket _ = admission.enter(5)) {
            assertEquals(503, assertThrows(Fault.class, () -> admission.enter(1)).status());
        }
        try (Admission.Ticket _ = admission.enter(1); Admission.Ticket _ = admission.enter(1)) {
            assertThrows(Fault.class, () -> admission.enter(1));
        }
        admission.enter(2).close();
    }

    @Test
    void aSelfMadeCertificateServesHttpsAndAKeyOfAnotherIsRefused() throws Exception {
        Path cert = folder.resolve("cert.pem"), key = folder.resolve("key.pem"), other = folder.resolve("other.pem");
        KeyStore made = certificate("one", cert, key);
        certificate("two", folder.resolve("cert2.pem"), other);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", made.getCertificate("server"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (TinyServer tiny = new TinyServer(folder,
                with(Map.of("tls-cert", Optional.of(cert), "tls-key", Optional.of(key))));
                HttpClient client = HttpClient.newBuilder().sslContext(context)
                        .connectTimeout(Duration.ofSeconds(120)).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + tiny.server().port() + "/v1/reply"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(ASKING)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode());
            try (Socket plain = new Socket("127.0.0.1", tiny.server().port())) {
                plain.setSoTimeout(120_000);
                plain.getOutputStream().write("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
                assertFalse(said(plain.getInputStream()).startsWith("HTTP/1.1 200"));
            }
            assertEquals("https", tiny.server().url().getScheme());
        }
        assertThrows(BadInput.class, () -> TlsFiles.open(cert, other));
        assertThrows(BadInput.class, () -> TlsFiles.open(key, key));
        assertThrows(BadInput.class, () -> TlsFiles.open(cert, cert));
    }

    private static String said(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return ""; // reset, which is an answer, too
        }
    }

    /** A certificate for this machine, made by the JDK's own tool, in PEM. */
    private KeyStore certificate(String name, Path cert, Path key) throws Exception {
        Path file = folder.resolve(name + ".p12");
        Process tool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
                "SAN=dns:localhost", "-keystore", file.toString(), "-storepass", "secret", "-storetype", "PKCS12")
                .redirectErrorStream(true).start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, tool.waitFor(), said);
        KeyStore store = KeyStore.getInstance(file.toFile(), "secret".toCharArray());
        pem(cert, "CERTIFICATE", store.getCertificate("server").getEncoded());
        pem(key, "PRIVATE KEY", store.getKey("server", "secret".toCharArray()).getEncoded());
        return store;
    }

    private static void pem(Path file, String kind, byte[] der) throws IOException {
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END " + kind + "-----\n");
    }
}
