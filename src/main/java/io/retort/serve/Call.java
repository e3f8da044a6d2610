package io.retort.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One request and the answer to it. One thread. */
final class Call {
    static final String JSON = "application/json";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int CHUNK = 8192;
    /**
     * As many times as much as a body may have is read before it is refused for its size: whoever still sends when the
     * connection ends often does not hear why.
     */
    private static final int READ_IN_VAIN = 16;

    private final ServerRequest request;
    private final ServerResponse response;
    private final ServeSettings settings;
    private final Watchdog watchdog;
    private final String id;
    private final Map<String, Object> notes = new LinkedHashMap<>();
    private boolean isUnreadable;
    private int status;
    private long received;
    private long sent;

    Call(ServerRequest request, ServerResponse response, ServeSettings settings, Watchdog watchdog, String id) {
        this.request = request;
        this.response = response;
        this.settings = settings;
        this.watchdog = watchdog;
        this.id = id;
    }

    /** The name of the request, in logs and answers. */
    String id() {
        return id;
    }

    String method() {
        return request.prologue().method().text();
    }

    /** A header of the request. */
    Optional<String> header(String name) {
        return request.headers().first(HeaderNames.create(name));
    }

    /** Sets a header of the answer. */
    void answerHeader(String name, String value) {
        response.header(name, value);
    }

    /** A parameter of the path, such as {@code id}. */
    String pathParameter(String name) {
        return request.path().pathParameters().get(name);
    }

    /** A parameter of the query; empty if it is not there. */
    Optional<String> parameter(String name) {
        List<String> all = request.query().contains(name) ? request.query().all(name) : List.of();
        if (all.size() > 1) throw Fault.field(name, "is given " + all.size() + " times; give it once");
        return all.stream().findFirst();
    }

    /** A whole number of the query. */
    int parameter(String name, int usual, int least, int most) {
        return parameter(name).map(text -> {
            try {
                int value = Integer.parseInt(text);
                if (value >= least && value <= most) return value;
            } catch (NumberFormatException e) {
                // The fault below says what is wanted.
            }
            throw Fault.field(name, "is no whole number from " + least + " to " + most);
        }).orElse(usual);
    }

    /** The path of the request, without its query. */
    String path() {
        return request.path().path();
    }

    /** Adds something to the line that the log has of this request. */
    Call note(String key, Object value) {
        notes.put(key, value);
        return this;
    }

    Map<String, Object> notes() {
        return notes;
    }

    int status() {
        return status;
    }

    long received() {
        return received;
    }

    long sent() {
        return sent;
    }

    boolean isAnswered() {
        return response.isSent() || status != 0;
    }

    /** Whether the connection ends with this answer, and nothing of the request is left to be read. */
    boolean endsConnection() {
        boolean isOld = request.prologue().protocolVersion().equals("1.0");
        boolean isLast = header("Connection").filter(text -> text.equalsIgnoreCase("close")).isPresent();
        return isUnreadable || (isOld || isLast) && (!request.content().hasEntity() || request.content().consumed());
    }

    /** The JSON object that the request holds. */
    Fields body() {
        return Fields.parse(read());
    }

    /** The JSON object that the request holds; an empty one if it holds nothing. */
    Fields optionalBody() {
        byte[] body = read();
        return body.length == 0 ? Fields.of(MAPPER.createObjectNode(), "") : Fields.parse(body);
    }

    private byte[] read() {
        requireJson();
        long told = request.headers().contentLength().orElse(-1);
        long mostRead = (long) READ_IN_VAIN * settings.maxBody();
        boolean isTooLarge = told > settings.maxBody();
        // Who expects to be asked for the body sends none of it.
        if (isTooLarge && (told > mostRead || header("Expect").isPresent())) throw tooLarge();
        if (!request.content().hasEntity()) return new byte[0];
        ByteArrayOutputStream body = new ByteArrayOutputStream((int) Math.max(256, Math.min(told, CHUNK)));
        Watchdog.Guard guard = watchdog.guard(settings.readTimeout());
        try (guard; InputStream in = request.content().inputStream()) {
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                received += read;
                isTooLarge |= received > settings.maxBody();
                if (received > mostRead) break;
                if (!isTooLarge) body.write(chunk, 0, read);
                if (guard.hasBarked()) throw tooSlow();
            }
            if (isTooLarge) throw tooLarge();
        } catch (IOException | RuntimeException e) {
            if (e instanceof Fault fault) throw fault;
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SocketTimeoutException) throw tooSlow();
            }
            boolean isLost = e instanceof UncheckedIOException || e.getClass().getName().startsWith("io.helidon.");
            if (isLost) throw (RuntimeException) e;
            isUnreadable = true;
            throw closing(e instanceof IOException
                    ? Fault.of(400, "body_cut", "the body ended early; send all of it")
                    : Fault.of(400, "body_unreadable", "the body's chunks are told wrongly; send it as HTTP has it"));
        }
        return body.toByteArray();
    }

    /** The rest of the body is not read, so the connection cannot go on. */
    private Fault closing(Fault fault) {
        response.header("Connection", "close");
        return fault;
    }

    private Fault tooLarge() {
        return closing(Fault.of(413, "body_too_large",
                "the body has more than " + settings.maxBody() + " bytes; send less at a time"));
    }

    private Fault tooSlow() {
        return closing(Fault.of(408, "body_too_slow",
                "the body took longer than " + settings.readTimeout() + " seconds; send it faster"));
    }

    private void requireJson() {
        String encoding = header("Content-Encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw closing(Fault.of(415, "unsupported_encoding", "the body is encoded by " + printable(encoding)
                    + "; send it as it is"));
        }
        String[] type = header("Content-Type").orElse("").toLowerCase(Locale.ROOT).split(";");
        boolean isUtf8 = true;
        for (int i = 1; i < type.length; i++) {
            String parameter = type[i].strip().replace("\"", "");
            if (parameter.startsWith("charset=")) isUtf8 &= parameter.matches("charset=(utf-?8|us-ascii)");
        }
        if (!type[0].strip().equals(JSON) || !isUtf8) {
            throw closing(Fault.of(415, "unsupported_media_type",
                    "the content type is not " + JSON + " in UTF-8; send Content-Type: " + JSON));
        }
    }

    private static String printable(String header) {
        String clean = header.replaceAll("[^ -~]", "?");
        return clean.length() > 40 ? clean.substring(0, 40) + "…" : clean;
    }

    /** Answers with JSON. */
    void json(int status, JsonNode json) {
        try {
            bytes(status, JSON, MAPPER.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Answers with text of any kind. */
    void text(int status, String type, String text) {
        bytes(status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers with bytes; a request for the head alone gets no more than that. */
    void bytes(int status, String type, byte[] bytes) {
        this.status = status;
        response.status(Status.create(status));
        response.header("Content-Type", type);
        if (method().equals("HEAD")) {
            response.send();
            return;
        }
        sent = bytes.length;
        try (var _ = watchdog.guard(settings.readTimeout())) {
            response.send(bytes);
        }
    }

    /** Answers without content. */
    void empty(int status) {
        this.status = status;
        response.status(Status.create(status));
        response.send();
    }

    /** Answers with events, one after the other, as they come. */
    OutputStream events() {
        this.status = 200;
        response.header("Content-Type", "text/event-stream; charset=utf-8");
        response.header("Cache-Control", "no-cache");
        response.header("X-Accel-Buffering", "no");
        return response.outputStream();
    }

    /** Writes one event of JSON. */
    void event(OutputStream to, JsonNode json) throws IOException {
        byte[] data = ("data: " + MAPPER.writeValueAsString(json) + "\n\n").getBytes(StandardCharsets.UTF_8);
        sent += data.length;
        try (var _ = watchdog.guard(settings.readTimeout())) {
            to.write(data);
            to.flush();
        }
    }
}
