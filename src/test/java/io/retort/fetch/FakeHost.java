package io.retort.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A server on a free port of this machine that remembers what it was asked and how many bytes it sent. */
final class FakeHost implements AutoCloseable {
    /** What one request said. */
    record Asked(String path, String range, String ifRange, String authorization) {}

    /** A handler that is told how many requests came before. */
    @FunctionalInterface
    interface Script {
        void answer(FakeHost host, HttpExchange exchange, int before) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final AtomicLong sent = new AtomicLong();

    FakeHost(Script script) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        HttpHandler handler = exchange -> {
            var headers = exchange.getRequestHeaders();
            asked.add(new Asked(exchange.getRequestURI().getPath(), headers.getFirst("Range"),
                    headers.getFirst("If-Range"), headers.getFirst("Authorization")));
            try (exchange) {
                script.answer(this, exchange, asked.size() - 1);
            }
        };
        server.createContext("/", handler);
        server.start();
    }

    URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    List<Asked> asked() {
        return asked;
    }

    long sent() {
        return sent.get();
    }

    /**
     * Serves the file as caches do: the rest of it where range and tag allow, cutting the connection after {@code most}
     * bytes.
     */
    void serve(HttpExchange exchange, byte[] file, String etag, int most) throws IOException {
        String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
        boolean partly = isRange(exchange) && (ifRange == null || ifRange.equals(etag));
        serve(exchange, file, etag, partly ? from(exchange) : -1, most);
    }

    /** Serves a range whatever {@code If-Range} says, shifted by some bytes. */
    void serveCarelessly(HttpExchange exchange, byte[] file, String etag, int shift) throws IOException {
        serve(exchange, file, etag, isRange(exchange) ? from(exchange) + shift : -1, Integer.MAX_VALUE);
    }

    private static boolean isRange(HttpExchange exchange) {
        return exchange.getRequestHeaders().containsKey("Range");
    }

    private static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    }

    /**
     * @param from first byte of a range, −1 for the whole file
     */
    private void serve(HttpExchange exchange, byte[] file, String etag, int from, int most) throws IOException {
        var headers = exchange.getResponseHeaders();
        if (!etag.isEmpty()) headers.set("ETag", etag);
        if (from >= file.length) {
            headers.set("Content-Range", "bytes */" + file.length);
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (from >= 0) headers.set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
        int start = Math.max(from, 0);
        exchange.sendResponseHeaders(from >= 0 ? 206 : 200, file.length - start);
        write(exchange, file, start, Math.min(most, file.length - start));
    }

    void serve(HttpExchange exchange, byte[] file, String etag) throws IOException {
        serve(exchange, file, etag, Integer.MAX_VALUE);
    }

    /** Sends a whole file without telling its length beforehand. */
    void serveChunked(HttpExchange exchange, byte[] file) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        write(exchange, file, 0, file.length);
    }

    private void write(HttpExchange exchange, byte[] file, int from, int count) throws IOException {
        sent.addAndGet(count); // before, because who has read them may ask at once how many were sent
        exchange.getResponseBody().write(file, from, count);
        exchange.getResponseBody().flush();
    }

    static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(302, -1);
    }

    static void status(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
