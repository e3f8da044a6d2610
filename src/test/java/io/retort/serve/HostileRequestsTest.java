package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that nobody means well with: whatever they are, the server names what is wrong, and serves on. */
class HostileRequestsTest {
    private static final List<String> BODIES = List.of(
            "{\"context\": [\"hello\", {\"text\": \"i love tea\"}], \"k\": 2, "
                    + "\"filter\": {\"level\": {\"gte\": 3}}, \"exclude\": [\"dog\"], \"min_score\": -1e3}",
            "{\"model\": \"retort\", \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}], \"stream\": true, \"n\": 2}",
            "{\"model\": \"retort\", \"input\": [\"hello\", \"good cat\"], \"encoding_format\": \"base64\"}",
            "{\"contexts\": [[\"hello\"], [\"dog\"]], \"k\": 1}",
            "{\"text\": \"never eat rain\", \"metadata\": {\"a\": [1]}}");
    private static final List<String> PATHS = List.of("/v1/reply", "/v1/chat/completions", "/v1/embeddings",
            "/v1/replies", "/v1/responses", "/v1/models/x", "/v1/responses/0123456789abcdef", "/", "/admin/reload");
    private static final List<String> BITS = List.of("\"", "{", "}", "[", "]", ":", ",", "null", "-1", "1e999",
            "\\u0000",
            "\\ud83d", "\u0000", "é", "true", "99999999999999999999", "../", "%2e%2e%2f", "\r\n", "a".repeat(5000),
            " ");
    private static final List<String> HEADERS = List.of("Content-Type: text/xml\r\n", "Content-Encoding: br\r\n",
            "Transfer-Encoding: chunked\r\n", "Content-Length: -5\r\n", "Content-Length: 99999999999\r\n",
            "Host: a b\r\n", "Authorization: \r\n", "X-Request-Id: \u0001\r\n", "Expect: 100-continue\r\n",
            "X: " + "y".repeat(20_000) + "\r\n", "Origin: null\r\n", "Accept: nothing\r\n", ": empty\r\n");

    @TempDir
    Path folder;

    @Test
    void aSampleOfMutatedRequestsMeetsNothingButNamedFaults() throws Exception {
        attack(1500, 1);
    }

    @Test
    @Tag("slow")
    void aHundredThousandMutatedRequestsMeetNothingButNamedFaults() throws Exception {
        attack(100_000, 2);
    }

    private void attack(int requests, long seed) throws Exception {
        Random random = new Random(seed);
        try (TinyServer tiny = new TinyServer(folder)) {
            for (int i = 0; i < requests; i++) {
                byte[] request = request(random);
                String answer = answer(tiny, request);
                if (answer.isEmpty()) continue; // cut off, which is an answer, too
                assertTrue(answer.startsWith("HTTP/1.1 "), answer);
                int status = Integer.parseInt(answer.substring(9, 12));
                assertTrue(status != 500, "request " + i + ": " + new String(request, StandardCharsets.ISO_8859_1));
                if (status >= 400 && answer.contains("\r\n\r\n{")) assertTrue(answer.contains("\"code\":"), answer);
            }
            assertEquals(200, tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status());
            assertTrue(tiny.get("/metrics").http().body().contains("retort_requests_in_flight 1"));
        }
    }

    private static byte[] request(Random random) {
        StringBuilder body = new StringBuilder(BODIES.get(random.nextInt(BODIES.size())));
        for (int i = random.nextInt(3); i > 0; i--) mutate(body, random);
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(4) == 0 && bytes.length > 0)
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        StringBuilder head = new StringBuilder(
                random.nextInt(8) == 0 ? "BREW" : random.nextInt(4) == 0 ? "GET" : "POST")
                .append(' ').append(PATHS.get(random.nextInt(PATHS.size()))).append(" HTTP/1.1\r\n");
        if (random.nextInt(8) == 0) mutate(head, random);
        List<String> headers = new ArrayList<>(List.of("Host: localhost\r\n", "Content-Type: application/json\r\n",
                "Connection: close\r\n"));
        if (random.nextInt(4) == 0) headers.add(HEADERS.get(random.nextInt(HEADERS.size())));
        if (random.nextInt(8) > 0) headers.add("Content-Length: " + bytes.length + "\r\n");
        for (String each : headers) head.append(each);
        head.append("\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[start.length + bytes.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(bytes, 0, all, start.length, bytes.length);
        return random.nextInt(10) == 0 ? java.util.Arrays.copyOf(all, random.nextInt(all.length)) : all;
    }

    private static void mutate(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
            case 0 -> text.insert(at, BITS.get(random.nextInt(BITS.size())));
            case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
            default -> text.replace(at, at + 1, BITS.get(random.nextInt(BITS.size())));
        }
        if (text.isEmpty()) text.append(' ');
    }

    private static String answer(TinyServer tiny, byte[] request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", tiny.server().port())) {
            socket.setSoTimeout(20_000);
            try {
                socket.getOutputStream().write(request);
                socket.shutdownOutput();
                InputStream in = socket.getInputStream();
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (java.net.SocketTimeoutException e) {
                throw new AssertionError("no end to " + new String(request, StandardCharsets.ISO_8859_1), e);
            } catch (IOException e) {
                return ""; // reset by the server before it had read everything
            }
        }
    }
}
