package io.retort.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.dialogue.Response;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server of a tiny model and of sixty replies, every one with metadata, and a client that talks to it. */
final class TinyServer implements AutoCloseable {
    /** Held, since the logging of the JDK forgets loggers that nobody holds. */
    private static final java.util.logging.Logger HTTP = java.util.logging.Logger.getLogger("io.helidon");

    static {
        HTTP.setLevel(java.util.logging.Level.SEVERE);
        ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("io.retort.serve"))
                .setLevel(ch.qos.logback.classic.Level.OFF);
        ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("io.retort.serve.requests"))
                .setLevel(ch.qos.logback.classic.Level.OFF);
    }

    static final List<String> REPLIES = TinyIndex.replies(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    final ComputeRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2));
    final Path folder;
    final Path index;
    final ModelFolder model;
    private final HttpClient client = HttpClient.newHttpClient();
    private final PageSettings people;
    private ReplyServer server;

    /** An answer: its status, and its JSON, which is null where it has none. */
    record Answer(int status, JsonNode json, HttpResponse<String> http) {
        String code() {
            return json.at("/error/code").asText();
        }

        String field() {
            return json.at("/error/param").asText();
        }
    }

    /** Changes the settings that a server is opened with. */
    interface Settings {
        ServeSettings of(ServeSettings usual);
    }

    TinyServer(Path folder) throws IOException {
        this(folder, usual -> usual);
    }

    TinyServer(Path folder, Settings settings) throws IOException {
        this(folder, TinyModel.biEncoder(folder.resolve("tiny"), 1), settings);
    }

    TinyServer(Path folder, ModelFolder model, Settings settings) throws IOException {
        this(folder, model, settings, PageSettings.defaults());
    }

    TinyServer(Path folder, ModelFolder model, Settings settings, PageSettings people) throws IOException {
        this.people = people;
        this.folder = folder;
        this.model = model;
        this.index = writeIndex(folder.resolve("tiny.index"), 60);
        open(settings);
    }

    /** Opens the server anew, as after a restart. */
    void open(Settings settings) throws IOException {
        server = ReplyServer.open(runtime, settings.of(ServeSettings.defaults().withPort(0)
                .withModel(model.path().toString(), Optional.of(index))), people);
    }

    /** Writes an index of as many replies, of which every third is calm and each has a level. */
    Path writeIndex(Path target, int count) throws IOException {
        IndexedReplies replies = new IndexedReplies(KeyedBy.REPLY);
        for (int i = 0; i < count; i++) {
            replies.add(new Response(REPLIES.get(i),
                    Optional.of(Map.of("mood", i % 3 == 0 ? "calm" : "wild", "level", i))));
        }
        try (RetrievalModel loaded = model.load(runtime.engine())) {
            new IndexBuilder(loaded, model.name(), new ModelFingerprint(model.fingerprint()), Metric.INNER_PRODUCT)
                    .build(replies, target, Progress.NONE);
        }
        return target;
    }

    ReplyServer server() {
        return server;
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url(path))));
    }

    Answer post(String path, String json) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url(path))).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    /**
     * Waits until as many requests are under way, this very question among them. A request is still under way for a
     * moment after its answer has come.
     */
    void awaitRequestsInFlight(int count) throws IOException, InterruptedException {
        String expected = "retort_requests_in_flight " + count + "\n", metrics = "";
        for (int i = 0; i < 6000; i++) {
            metrics = get("/metrics").http().body();
            if (metrics.contains(expected)) return;
            Thread.sleep(20);
        }
        throw new AssertionError("never \"" + expected.strip() + "\": " + metrics);
    }

    Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        boolean isJson = answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
        return new Answer(answer.statusCode(), isJson ? JSON.readTree(answer.body()) : null, answer);
    }

    @Override
    public void close() {
        client.close();
        server.close();
        runtime.close();
    }
}
