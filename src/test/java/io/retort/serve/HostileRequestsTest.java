package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
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

    private static final List<String> TAILS = List.of("?", "?q=%", "?q=%ff%fe", "?q=a&q=b", "?limit=-1", "/../..",
            "/%00", "/%2e%2e/%2e%2e/etc/passwd", "//", ";x=y", "#f", "/" + "z".repeat(3000), "?a=" + "b".repeat(9000),
            "%",
            "/\u00e9", "?limit=99999999999&offset=1e9", "/%c0%ae%c0%ae", "\u0000");
    private static final List<String> SIZES = List.of("-1", "ffffffffffffffff", "7fffffff", "zz", "", "0", "5;x=y",
            "1 ");
    private static final List<Charset> CHARSETS = List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_8,
            StandardCharsets.UTF_8, StandardCharsets.UTF_8, StandardCharsets.UTF_8, StandardCharsets.UTF_16,
            StandardCharsets.ISO_8859_1, Charset.forName("UTF-32"));

    @TempDir
    Path folder;

    @Test
    void aSampleOfMutatedRequestsMeetsNothingButNamedFaults() throws Exception {
        try (TinyServer tiny = new TinyServer(folder)) {
            attack(tiny, 1500, 1);
        }
    }

    /** Told by the heap after a collection, by files and by threads, once everything has run that runs at first. */
    @Test
    @Tag("slow")
    void aHundredThousandMutatedRequestsMeetNothingButNamedFaultsAndLeaveNothingBehind() throws Exception {
        try (TinyServer tiny = new TinyServer(folder)) {
            attack(tiny, 20_000, 2);
            Footprint before = Footprint.now();
            attack(tiny, 80_000, 3);
            Footprint after = Footprint.now();
            String grown = before + " has become " + after;
            System.err.println(grown);
            assertTrue(after.heap <= before.heap + (8 << 20), grown);
            assertTrue(after.files <= before.files + 20 && after.threads <= before.threads + 10, grown);
        }
    }

    /** What this process holds. */
    private record Footprint(long heap, int files, int threads) {
        static Footprint now() throws Exception {
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(300);
            }
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                return new Footprint(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                        (int) files.count(), ManagementFactory.getThreadMXBean().getThreadCount());
            }
        }
    }

    private static void attack(TinyServer tiny, int requests, long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < requests; i++) {
            byte[] request = request(random);
            String answer = answer(tiny, request);
            if (answer.isEmpty()) continue; // cut off, which is an answer, too
            String what = "request " + i + ": " + new String(request, StandardCharsets.ISO_8859_1) + "\n" + answer;
            assertTrue(answer.startsWith("HTTP/1.1 "), what);
            int status = Integer.parseInt(answer.substring(9, 12));
            assertTrue(status != 500, what);
            if (status >= 400 && answer.contains("\r\n\r\n{")) assertTrue(answer.contains("\"code\":"), what);
        }
        assertEquals(200, tiny.post("/v1/reply", "{\"context\": [\"hello\"]}").status());
        tiny.awaitRequestsInFlight(1);
    }

    private static byte[] request(Random random) {
        StringBuilder body = new StringBuilder(BODIES.get(random.nextInt(BODIES.size())));
        for (int i = random.nextInt(3); i > 0; i--) mutate(body, random);
        byte[] bytes = body.toString().getBytes(CHARSETS.get(random.nextInt(CHARSETS.size())));
        if (random.nextInt(4) == 0 && bytes.length > 0)
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        StringBuilder head = new StringBuilder(
                random.nextInt(8) == 0 ? "BREW" : random.nextInt(4) == 0 ? "GET" : "POST")
                .append(' ').append(PATHS.get(random.nextInt(PATHS.size())))
                .append(random.nextInt(6) == 0 ? TAILS.get(random.nextInt(TAILS.size())) : "").append(" HTTP/1.1\r\n");
        if (random.nextInt(8) == 0) mutate(head, random);
        List<String> headers = new ArrayList<>(List.of("Host: localhost\r\n", "Content-Type: application/json\r\n",
                "Connection: close\r\n"));
        if (random.nextInt(4) == 0) headers.add(HEADERS.get(random.nextInt(HEADERS.size())));
        switch (random.nextInt(16)) {
            case 0 -> headers.add("Content-Length: " + (bytes.length + random.nextInt(64)) + "\r\n");
            case 1 -> {
                headers.add("Transfer-Encoding: chunked\r\n");
                bytes = chunked(bytes, random);
            }
            case 2 -> {
                headers.add("Content-Encoding: gzip\r\n");
                bytes = zipped(bytes);
                headers.add("Content-Length: " + bytes.length + "\r\n");
            }
            case 3 -> headers.add(""); // a body of which nothing is told
            default -> headers.add("Content-Length: " + bytes.length + "\r\n");
        }
        for (String each : headers) head.append(each);
        head.append("\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[start.length + bytes.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(bytes, 0, all, start.length, bytes.length);
        return random.nextInt(10) == 0 ? java.util.Arrays.copyOf(all, random.nextInt(all.length)) : all;
    }

    /** The body in chunks, of which a third is told wrongly. */
    private static byte[] chunked(byte[] body, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int from = 0; from < body.length;) {
            int size = Math.min(body.length - from, 1 + random.nextInt(64));
            String told = random.nextInt(9) == 0 ? SIZES.get(random.nextInt(SIZES.size())) : Integer.toHexString(size);
            out.writeBytes((told + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body, from, size);
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            from += size;
        }
        out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] zipped(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
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
