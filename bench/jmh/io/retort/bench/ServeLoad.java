package io.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/**
 * Puts load on a server at a loopback address and prints what it does with it: one client, many, half of that rate, ten
 * times of it, and many idle connections beside. Connections are plain sockets that are kept, so that the load costs the
 * machine little. Bounded in count and time.
 *
 * <p>Arguments: the server's URL, a JSONL file whose lines hold {@code context} or {@code turns}, and the seconds of each
 * phase.
 */
public final class ServeLoad {
    private static final int CLIENTS = 64, IDLE = 10_000, MOST_SENDERS = 2000;

    private final URI url;
    private final List<byte[]> requests;
    private final int seconds;

    private ServeLoad(URI url, List<byte[]> requests, int seconds) {
        this.url = url;
        this.requests = requests;
        this.seconds = seconds;
    }

    /** Measures one client, many, half of their rate, ten times it, and half beside idle connections, in this order. */
    public static void main(String[] arguments) throws Exception {
        URI url = URI.create(arguments[0]);
        if (!url.getHost().equals("127.0.0.1") && !url.getHost().equals("localhost")) {
            throw new IllegalArgumentException("load goes to this machine alone, not to " + url.getHost());
        }
        int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20;
        new ServeLoad(url, requests(url, Path.of(arguments[1])), seconds).run();
    }

    private static List<byte[]> requests(URI url, Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<byte[]> requests = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode record = json.readTree(line);
            JsonNode turns = record.path("context").isArray() ? record.path("context") : record.path("turns");
            ObjectNode body = json.createObjectNode();
            ArrayNode context = body.putArray("context");
            int from = Math.max(0, turns.size() - 6);
            for (int i = from; i < turns.size(); i++) {
                JsonNode turn = turns.get(i);
                context.add(turn.isTextual() ? turn.asText() : turn.path(turn.has("t") ? "t" : "text").asText());
            }
            byte[] content = json.writeValueAsBytes(body);
            if (context.isEmpty() || content.length > 8000) continue;
            byte[] head = ("POST /v1/reply HTTP/1.1\r\nHost: " + url.getHost()
                    + "\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + content.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
            byte[] request = Arrays.copyOf(head, head.length + content.length);
            System.arraycopy(content, 0, request, head.length, content.length);
            requests.add(request);
            if (requests.size() == 5000) break;
        }
        if (requests.isEmpty()) throw new IllegalArgumentException(file + " holds no line with context or turns");
        return requests;
    }

    /** One connection that is kept. */
    private final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        Connection() throws IOException {
            socket = new Socket(url.getHost(), url.getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            in = new BufferedInputStream(socket.getInputStream());
        }

        /** Sends a request and reads the answer; returns its status. */
        int send(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
            int status = Integer.parseInt(line().split(" ")[1]);
            long length = 0;
            for (String header = line(); !header.isEmpty(); header = line()) {
                String[] parts = header.toLowerCase(Locale.ROOT).split(": ?", 2);
                if (parts[0].equals("content-length")) length = Long.parseLong(parts[1].strip());
            }
            in.skipNBytes(length);
            return status;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) throw new EOFException();
                if (c != '\r') line.append((char) c);
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** What a phase measured: nanoseconds of the answers, and of the refusals. */
    private static final class Measured {
        private final ConcurrentLinkedQueue<Long> answered = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Long> refused = new ConcurrentLinkedQueue<>();
        private final AtomicInteger failed = new AtomicInteger();
        private double elapsed;

        void add(int status, long nanos) {
            if (status == 200) answered.add(nanos);
            else if (status == 503) refused.add(nanos);
            else failed.incrementAndGet();
        }

        double rate() {
            return answered.size() / elapsed;
        }

        private static String at(ConcurrentLinkedQueue<Long> times, double quantile) {
            long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
            return sorted.length == 0
                    ? "-"
                    : String.format(Locale.ROOT, "%.2f", sorted[(int) Math.min(sorted.length - 1,
                            Math.floor(quantile * sorted.length))] / 1e6);
        }

        void print(String phase, long resident) {
            System.out.printf(Locale.ROOT, "| %s | %.0f | %s | %s | %d | %s | %d | %d |%n", phase, rate(),
                    at(answered, .5), at(answered, .99), refused.size(), at(refused, .99), failed.get(),
                    resident >> 20);
        }
    }

    private void run() throws Exception {
        System.out.println("| phase | answers/s | p50 ms | p99 ms | refused | refusal p99 ms | failed | resident MB |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        closed(CLIENTS, Math.max(3, seconds / 2)); // warm
        Measured lone = closed(1, seconds);
        lone.print("one client", resident());
        Measured many = closed(CLIENTS, seconds);
        many.print(CLIENTS + " clients", resident());
        open(many.rate() / 2, seconds, CLIENTS).print("half of that rate", resident());
        open(many.rate() * 10, seconds, MOST_SENDERS).print("ten times that rate", resident());
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE; i++) idle.add(new Socket(url.getHost(), url.getPort()));
            open(many.rate() / 2, seconds, CLIENTS).print("half, beside " + idle.size() + " idle", resident());
        } catch (IOException e) {
            System.out.println("no more than " + idle.size() + " idle connections here: " + e.getMessage());
        } finally {
            for (Socket each : idle) each.close();
        }
        System.out.printf(Locale.ROOT, "%n%d clients: %.2f times one client%n", CLIENTS, many.rate() / lone.rate());
    }

    /** Clients that ask again as soon as they are answered. */
    private Measured closed(int clients, int seconds) throws InterruptedException {
        long begun = System.nanoTime(), until = begun + seconds * 1_000_000_000L;
        AtomicInteger next = new AtomicInteger();
        Measured measured = new Measured();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try (Connection connection = new Connection()) {
                    for (long now = System.nanoTime(); now < until; now = System.nanoTime()) {
                        int status = connection.send(requests.get(next.getAndIncrement() % requests.size()));
                        measured.add(status, System.nanoTime() - now);
                    }
                } catch (IOException e) {
                    measured.failed.incrementAndGet();
                }
            }));
        }
        for (Thread each : threads) each.join();
        measured.elapsed = (System.nanoTime() - begun) / 1e9;
        return measured;
    }

    /** Requests at a rate, whether or not those before them were answered;each sender waits for its own answer, so enough senders are needed. */
    private Measured open(double rate, int seconds, int senders) throws InterruptedException {
        long begun = System.nanoTime() + 50_000_000;
        long count = (long) (rate * seconds);
        AtomicInteger next = new AtomicInteger();
        Measured measured = new Measured();
        List<Thread> threads = LongStream.range(0, senders).mapToObj(_ -> Thread.startVirtualThread(() -> {
            try (Connection connection = new Connection()) {
                for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    long due = begun + (long) (i * 1e9 / rate), wait = due - System.nanoTime();
                    if (wait > 0) Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
                    if (System.nanoTime() - begun > 2e9 * seconds) break; // all senders are behind: enough
                    long sent = System.nanoTime();
                    measured.add(connection.send(requests.get(i % requests.size())), System.nanoTime() - sent);
                }
            } catch (IOException | InterruptedException e) {
                measured.failed.incrementAndGet();
            }
        })).toList();
        for (Thread each : threads) each.join();
        measured.elapsed = (System.nanoTime() - begun) / 1e9;
        return measured;
    }

    /** The server's physical memory, as it tells it; 0 where it does not, be it too busy for that. */
    private long resident() {
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream().write(("GET /metrics HTTP/1.1\r\nHost: " + url.getHost()
                    + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(10_000);
            StringBuilder text = new StringBuilder();
            InputStream in = socket.getInputStream();
            byte[] chunk = new byte[8192];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                text.append(new String(chunk, 0, read, StandardCharsets.US_ASCII));
                int at = text.indexOf("\nretort_resident_bytes ");
                int end = at < 0 ? -1 : text.indexOf("\n", at + 1);
                if (end > 0) return Long.parseLong(text.substring(at + 23, end).strip());
            }
        } catch (IOException e) {
            System.err.println("no answer from /metrics: " + e.getMessage());
        }
        return 0;
    }
}
