package io.retort.teacher.remote;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.RetortVersion;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks a server in JSON, a limited number of requests at a time: waits where the server asks for it, and asks again
 * after faults that may pass. Answers are not trusted: they have a greatest size, and what they say is printed without
 * control characters and without the key. Redirections are not followed, since the key would go along. Any thread may
 * use it.
 */
final class Endpoint implements AutoCloseable {
    /** The most bytes of an answer; the likelihoods of the longest texts take a fraction of it. */
    static final long MOST_BYTES = 8L << 20;
    /** The status of a server's own mistake, which is seldom cured by waiting. */
    static final int FAULT = 500;
    private static final int TRIES_AFTER_FAULT = 4;
    private static final int EXCERPT = 300;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final URI address;
    private final Optional<ApiKey> key;
    private final String keyVariable;
    private final Duration timeout;
    private final Duration firstPause;
    private final int retries;
    private final HttpClient client;
    private final Semaphore permits;
    private final RateLimit limit = new RateLimit();
    private final AtomicLong requests = new AtomicLong(), again = new AtomicLong(), read = new AtomicLong(),
            written = new AtomicLong();

    /** @param firstPause before a request is sent again for the first time; each further pause is twice as long */
    Endpoint(RemoteTeacherSettings settings, Optional<ApiKey> key, Duration firstPause) {
        this.address = settings.address();
        this.key = key;
        this.keyVariable = settings.keyVariable();
        this.timeout = settings.timeout();
        this.firstPause = firstPause;
        this.retries = settings.retries();
        this.permits = new Semaphore(settings.requests(), true);
        this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(timeout).build();
    }

    /** The server's address, which holds no secret. */
    URI address() {
        return address;
    }

    /** A path of OpenAI's protocol, such as {@code completions}. */
    URI v1(String path) {
        return URI.create(address + "/" + path);
    }

    /** A path of the server's own, which stands beside the protocol's {@code /v1}. */
    URI own(String path) {
        return URI.create(address.toString().replaceFirst("/v1/?$", "") + "/" + path);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    RemoteUsage usage(long unreadable) {
        return new RemoteUsage(requests.get(), again.get(), read.get(), written.get(), unreadable);
    }

    /**
     * Gets what an address says.
     *
     * @throws ServerRefusal      if the server will not say it
     * @throws BadAnswer          if it says no JSON
     * @throws TeacherUnavailable if it does not answer
     */
    JsonNode get(URI from) {
        return exchange(request(from).GET().build(), retries);
    }

    /** As {@link #get}, but gives up at once: for what few servers know. */
    JsonNode getOnce(URI from) {
        return exchange(request(from).GET().build(), 0);
    }

    /**
     * Sends an object and returns the answer.
     *
     * @throws ServerRefusal      if the server will not do it
     * @throws BadAnswer          if it answers with no JSON
     * @throws TeacherUnavailable if it does not answer
     */
    JsonNode post(URI to, ObjectNode body) {
        return post(to, body, retries);
    }

    /** As {@link #post(URI, ObjectNode)}, with another number of tries after faults. */
    JsonNode post(URI to, ObjectNode body, int retries) {
        return exchange(request(to).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toString().getBytes(StandardCharsets.UTF_8)))
                .build(), retries);
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(timeout)
                .header("Accept", "application/json").header("User-Agent", RetortVersion.NAME.replace(' ', '/'));
        key.ifPresent(known -> known.addTo(request));
        return request;
    }

    private JsonNode exchange(HttpRequest request, int tries) {
        for (int attempt = 0;; attempt++) {
            String fault;
            Throwable cause = null;
            int status = 0;
            try {
                HttpResponse<byte[]> answer = answer(request);
                status = answer.statusCode();
                Optional<Duration> wait = limit.note(answer.statusCode(), answer.headers());
                if (answer.statusCode() / 100 == 2) return counted(json(answer.body()));
                fault = "answered " + answer.statusCode() + excerptOf(answer.body());
                if (!isPassing(answer.statusCode())) throw refusal(request.uri(), answer);
                if (wait.isPresent() && wait.get().compareTo(RateLimit.LONGEST) > 0) {
                    throw new TeacherUnavailable(address + " " + fault + " and asks to wait for "
                            + wait.get().toMinutes() + " minutes", status, null);
                }
            } catch (BadAnswer e) {
                if (!e.isPassing()) throw e;
                if (attempt >= tries) throw BadAnswer.lasting(e.getMessage());
                fault = e.getMessage();
            } catch (IOException e) {
                fault = told(e);
                cause = e;
            } catch (InterruptedException e) {
                throw interrupted();
            }
            if (attempt >= (status == FAULT ? Math.min(tries, TRIES_AFTER_FAULT) : tries)) {
                throw new TeacherUnavailable("the teacher's server " + address + " " + fault
                        + (attempt == 0 ? "" : ", " + (attempt + 1) + " times in a row"), status, cause);
            }
            again.incrementAndGet();
            pause(attempt);
        }
    }

    private HttpResponse<byte[]> answer(HttpRequest request) throws IOException, InterruptedException {
        limit.await();
        permits.acquire();
        requests.incrementAndGet();
        // The client's own limit ends with the headers; this one holds for a body that trickles in as well.
        CompletableFuture<HttpResponse<byte[]>> sent = client.sendAsync(request,
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("late");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException fault) throw fault;
            throw new IOException(e.getCause());
        } finally {
            sent.cancel(true);
            permits.release();
        }
    }

    private String told(IOException e) {
        return switch (e) {
            case HttpTimeoutException _ -> "gave no whole answer within " + timeout.toMillis() / 1e3 + " s";
            case ConnectException _ -> "takes no connection";
            // The only sign that the client gives of a body beyond its limit.
            case IOException fault when String.valueOf(fault.getMessage()).contains("capacity") ->
                "sent more than " + (MOST_BYTES >> 20) + " MiB";
            default -> "broke the connection (" + harmless(String.valueOf(e.getMessage())) + ")";
        };
    }

    static IllegalStateException interrupted() {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while asking the teacher's server");
    }

    private void pause(int attempt) {
        double most = Math.min(firstPause.toMillis() * Math.pow(2, attempt), LONGEST_PAUSE.toMillis());
        try {
            // Half of it is left to chance, so that those who were refused together do not come back together.
            Thread.sleep((long) (most * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static boolean isPassing(int status) {
        return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500 && status != 501
                && status != 505;
    }

    private RuntimeException refusal(URI asked, HttpResponse<byte[]> answer) {
        int status = answer.statusCode();
        if (status == 401 || status == 403) {
            return BadInput.of(asked + " answered " + status + ": " + (key.isPresent()
                    ? "it refuses the key in the environment variable " + keyVariable
                    : "it wants a key"), "set the environment variable " + keyVariable + " to a key that it takes");
        }
        if (status / 100 == 3) {
            return BadInput.of(asked + " answered " + status + ", that it is somewhere else",
                    "name the address where it is");
        }
        return new ServerRefusal(status, message(answer.body()));
    }

    private JsonNode json(byte[] body) {
        String begin = new String(body, 0, Math.min(body.length, EXCERPT), StandardCharsets.UTF_8).strip();
        if (begin.startsWith("<")) {
            throw BadAnswer.lasting("answered with a web page instead of JSON; see that the address is that of the "
                    + "model's server and ends in /v1");
        }
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject() || json.isArray()) return json;
        } catch (JacksonException e) {
            // Told below; Jackson's message would quote the answer.
        } catch (IOException e) {
            throw new AssertionError("bytes in memory cannot fail to be read", e);
        }
        throw BadAnswer.passing("answered with what is no whole JSON" + excerptOf(body));
    }

    private JsonNode counted(JsonNode answer) {
        JsonNode usage = answer.path("usage");
        read.addAndGet(Math.max(0, usage.path("prompt_tokens").asLong(0)));
        written.addAndGet(Math.max(0, usage.path("completion_tokens").asLong(0)));
        return answer;
    }

    /** What an error's body says, where it is JSON of a known form; else how it begins. */
    private String message(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            for (String pointer : new String[]{"/error/message", "/message", "/error", "/detail"}) {
                JsonNode said = json.at(pointer);
                if (said.isTextual()) return harmless(said.asText());
            }
        } catch (IOException e) {
            // It is no JSON: how it begins must do.
        }
        return harmless(new String(body, 0, Math.min(body.length, 4 * EXCERPT), StandardCharsets.UTF_8));
    }

    private String excerptOf(byte[] body) {
        String said = message(body);
        return said.isEmpty() ? "" : " (" + said + ")";
    }

    /** The beginning of a server's text, in one line, without control characters and without the key. */
    private String harmless(String text) {
        String cut = key.map(known -> known.hiddenIn(text)).orElse(text).replaceAll("[\\p{C}\\s]+", " ").strip();
        return cut.length() <= EXCERPT ? cut : cut.substring(0, EXCERPT) + "…";
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
