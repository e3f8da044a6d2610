package io.retort.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.retort.files.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes on its way to an endpoint: an id, the headers of a safe answer, keys and origins, limits,
 * one form for all faults, and a line in the log, which holds nothing of what users say unless it is asked to. Any
 * thread.
 */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    /** The log of requests: a line of JSON for each. */
    private static final Logger REQUESTS = LoggerFactory.getLogger("io.retort.serve.requests");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern OWN_HOST = Pattern
            .compile("(localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]|\\[0:0:0:0:0:0:0:1])(:\\d+)?",
                    Pattern.CASE_INSENSITIVE);
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private final ServeSettings settings;
    private final Optional<ApiKey> key;
    private final boolean isOwnMachine;
    private final ServerMetrics metrics;
    private final Watchdog watchdog;
    private volatile boolean closing;

    /** Who may call an endpoint. */
    enum Access {
        /** Anybody: health, the page, the description of the API. */
        ANYBODY,
        /** Whoever has the key, if there is one. */
        CLIENTS,
        /** Whoever has the key; without one, only this machine. */
        OWNERS
    }

    /** Answers a request. */
    interface Endpoint {
        /** Answers a call, or throws a {@link Fault}. */
        void answer(Call call) throws IOException;
    }

    Gate(ServeSettings settings, Optional<ApiKey> key, ServerMetrics metrics, Watchdog watchdog) {
        this.settings = settings;
        this.key = key;
        this.isOwnMachine = ApiKey.isLoopback(settings.host());
        this.metrics = metrics;
        this.watchdog = watchdog;
    }

    /** Takes nothing more but questions after health. */
    void beginClosing() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    /** Whether anybody at all may change what is served, over HTTP. */
    boolean takesChanges() {
        return key.isPresent() || isOwnMachine;
    }

    /** The endpoints, by path and method; what has none is a fault, too. */
    final class Routes {
        private final Map<String, Map<String, Endpoint>> endpoints = new LinkedHashMap<>();
        private final Map<String, Access> access = new LinkedHashMap<>();

        /** Has an endpoint answer a method of a path. */
        Routes on(String method, String path, Access who, Endpoint endpoint) {
            endpoints.computeIfAbsent(path, _ -> new TreeMap<>()).put(method, endpoint);
            if (method.equals("GET")) endpoints.get(path).put("HEAD", endpoint);
            access.put(method + path, who);
            if (method.equals("GET")) access.put("HEAD" + path, who);
            return this;
        }

        HttpRouting.Builder routing() {
            HttpRouting.Builder routing = HttpRouting.builder();
            endpoints.forEach((path, methods) -> routing.any(path, handler(path, methods)));
            return routing.any((request, response) -> serve("none", Access.ANYBODY, call -> {
                throw Fault.of(404, "not_found", "there is nothing at this path; /openapi.json lists what there is");
            }, request, response));
        }

        private Handler handler(String path, Map<String, Endpoint> methods) {
            return (request, response) -> {
                String method = request.prologue().method().text();
                Endpoint endpoint = methods.get(method);
                serve(path, endpoint == null ? Access.ANYBODY : access.get(method + path), endpoint != null
                        ? endpoint
                        : call -> refuseMethod(call, methods), request, response);
            };
        }

        private void refuseMethod(Call call, Map<String, Endpoint> methods) {
            String allowed = String.join(", ", methods.keySet());
            if (call.method().equals("OPTIONS") && call.header("Access-Control-Request-Method").isPresent()) {
                preflight(call, allowed);
                return;
            }
            call.answerHeader("Allow", allowed);
            throw Fault.of(405, "method_not_allowed", "this path takes " + allowed);
        }
    }

    private void preflight(Call call, String allowed) {
        if (call.header("Origin").filter(settings.cors()::contains).isPresent()) {
            call.answerHeader("Access-Control-Allow-Methods", allowed);
            call.answerHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key, X-Request-Id");
            call.answerHeader("Access-Control-Max-Age", "600");
        }
        call.empty(204);
    }

    private void serve(String route, Access who, Endpoint endpoint, ServerRequest request, ServerResponse response) {
        long started = System.nanoTime();
        String asked = request.headers().first(HeaderNames.create("X-Request-Id")).orElse("");
        String id = ID.matcher(asked).matches()
                ? asked
                : "req-" + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        Call call = new Call(request, response, settings, watchdog, id);
        int underWay = metrics.enter();
        String code = "";
        try {
            headers(call);
            admit(call, who, underWay);
            endpoint.answer(call);
        } catch (Fault e) {
            code = e.code();
            refuse(call, e);
        } catch (BadInput e) {
            code = "invalid_request";
            refuse(call, Fault.of(400, code, e.getMessage()));
        } catch (IOException | UncheckedIOException e) {
            code = "connection_lost";
            throw e instanceof UncheckedIOException unchecked ? unchecked : new UncheckedIOException((IOException) e);
        } catch (RuntimeException | Error e) {
            if (e.getClass().getName().startsWith("io.helidon.")) throw e;
            Fault fault = failed(e, id);
            code = fault.code();
            refuse(call, fault);
        } finally {
            long nanos = System.nanoTime() - started;
            metrics.request(route, call.status(), nanos);
            try {
                if (REQUESTS.isInfoEnabled()) log(call, route, code, nanos);
            } finally {
                metrics.leave(); // last, because closing waits for it: no line of the log is lost
            }
        }
        // The HTTP library leaves it to the client to close, who may wait for the server's end.
        if (call.endsConnection()) throw new CloseConnectionException("the client wants no more");
    }

    /** An error of this server; the JVM tells by an {@code InternalError} that bytes of a mapped file are gone. */
    private static Fault failed(Throwable error, String id) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (!(cause instanceof InternalError)) continue;
            LOG.error("request {} needs what was cut off from the file of the index or the model", id);
            return Fault.of(503, "file_cut", "the file of the index or the model was cut while it served; put it back "
                    + "and reload, or restart");
        }
        LOG.error("request {} failed", id, error);
        return Fault.of(500, "internal_error", "the server failed at this request; its log tells more under this "
                + "request's id");
    }

    private void headers(Call call) {
        call.answerHeader("X-Request-Id", call.id());
        call.answerHeader("X-Content-Type-Options", "nosniff");
        call.answerHeader("X-Frame-Options", "DENY");
        call.answerHeader("Referrer-Policy", "no-referrer");
        call.answerHeader("Cross-Origin-Resource-Policy", "same-origin");
        call.answerHeader("Content-Security-Policy", POLICY);
        if (settings.cors().isEmpty()) return;
        call.answerHeader("Vary", "Origin");
        call.header("Origin").filter(settings.cors()::contains)
                .ifPresent(origin -> call.answerHeader("Access-Control-Allow-Origin", origin));
    }

    private void admit(Call call, Access who, int underWay) {
        if (who == Access.ANYBODY) return;
        if (closing) {
            call.answerHeader("Connection", "close");
            throw Fault.unavailable("the server is closing; try another");
        }
        if (underWay > settings.maxRequests())
            throw Fault.busy("too many requests are under way; try again in a second");
        if (key.isPresent()) {
            if (key.get().isGivenBy(call)) return;
            call.answerHeader("WWW-Authenticate", "Bearer");
            throw Fault.of(401, "invalid_api_key", "the API key is missing or wrong; send Authorization: Bearer KEY");
        }
        // A page that somebody else wrote must not reach this machine's server under a name of its own.
        if (isOwnMachine && !OWN_HOST.matcher(call.header("Host").orElse("")).matches()) {
            throw Fault.of(403, "foreign_host", "this server answers this machine alone, under its own names");
        }
        if (who == Access.OWNERS && !isOwnMachine) {
            throw Fault.of(403, "needs_api_key", "a server that is open to all is not changed over HTTP; start it with "
                    + "an API key");
        }
    }

    private void refuse(Call call, Fault fault) {
        if (call.isAnswered()) throw fault; // within an answer there is nothing left but to end the connection
        fault.retryAfter().ifPresent(seconds -> call.answerHeader("Retry-After", Integer.toString(seconds)));
        call.json(fault.status(), fault.json(call.id()));
    }

    private void log(Call call, String route, String code, long nanos) {
        ObjectNode line = JSON.createObjectNode().put("time", Instant.now().toString()).put("request", call.id())
                .put("method", call.method().length() > 16 ? "other" : call.method()).put("route", route)
                .put("status", call.status());
        if (!code.isEmpty()) line.put("fault", code);
        line.put("ms", Math.round(nanos / 1e4) / 100.0).put("bytes_in", call.received()).put("bytes_out", call.sent());
        call.notes().forEach(line::putPOJO);
        REQUESTS.info("{}", line);
    }

    /** Answers to what is no HTTP, or too much of it, before it reaches an endpoint; in the same form. */
    DirectHandlers directHandlers() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            handlers.addHandler(type, (_, _, status, _, message) -> direct(type, status, message));
        }
        return handlers.build();
    }

    /** What an endpoint throws never comes here, so that an internal error is that of reading what ended too early. */
    private DirectHandler.TransportResponse direct(DirectHandler.EventType type, Status status, String message) {
        boolean isCut = type == DirectHandler.EventType.INTERNAL_ERROR;
        boolean isEncoded = message != null && message.toLowerCase(Locale.ROOT).matches(".*content.encoding.*");
        Status told = isCut ? Status.BAD_REQUEST_400 : isEncoded ? Status.UNSUPPORTED_MEDIA_TYPE_415 : status;
        metrics.request("none", told.code(), 0);
        String code = isCut ? "request_cut" : isEncoded ? "unsupported_encoding" : "bad_request";
        String why = isCut ? "it ended early" : message == null ? status.reasonPhrase() : message;
        ObjectNode json = Fault.json(told.code(), code, null, "the request is not understood: " + why, "none");
        return DirectHandler.TransportResponse.builder().status(told).keepAlive(false)
                .header(HeaderNames.CONTENT_TYPE, Call.JSON)
                .header(HeaderNames.create("X-Content-Type-Options"), "nosniff").entity(json.toString()).build();
    }
}
