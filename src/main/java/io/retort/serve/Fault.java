package io.retort.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.safety.SafetyCategory;
import io.retort.safety.SafetyVerdict;
import java.util.OptionalInt;

/**
 * Why a request is not answered, in the one form that every endpoint uses: OpenAI's error object, which names what is
 * wrong, with which field, and what to do.
 */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String field;
    private final int retryAfter;

    private Fault(int status, String code, String field, int retryAfter, String message) {
        super(message);
        this.status = status;
        this.code = code;
        this.field = field;
        this.retryAfter = retryAfter;
    }

    /** A fault that no field of the request is to blame for. */
    static Fault of(int status, String code, String message) {
        return new Fault(status, code, null, 0, message);
    }

    /** A value of the request that cannot be used. */
    static Fault field(String field, String problem) {
        return new Fault(400, "invalid_value", field, 0, field + " " + problem);
    }

    /** A field of OpenAI's API that this server does not have. */
    static Fault unsupported(String field, String why) {
        return new Fault(400, "unsupported_parameter", field, 0, field + " is not supported: " + why);
    }

    /** A text that the safety screen stops; the code names the category. */
    static Fault unsafe(String field, SafetyVerdict verdict) {
        SafetyCategory category = verdict.category().orElseThrow();
        return new Fault(422, "safety:" + category.key(), field, 0, field + " would be withheld by the safety screen ("
                + category.description() + ": " + verdict.reason() + "); leave it out, or configure the screen");
    }

    /** More work than the server can do now. */
    static Fault busy(String message) {
        return new Fault(503, "overloaded", null, 1, message);
    }

    /** A server that is about to end, or has not begun. */
    static Fault unavailable(String message) {
        return new Fault(503, "unavailable", null, 2, message);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** Seconds after which a client may try again; empty where that would not help. */
    OptionalInt retryAfter() {
        return retryAfter > 0 ? OptionalInt.of(retryAfter) : OptionalInt.empty();
    }

    /** The error object. */
    ObjectNode json(String requestId) {
        return json(status, code, field, getMessage(), requestId);
    }

    /** The error object of a fault that is told by its parts. */
    static ObjectNode json(int status, String code, String field, String message, String requestId) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode error = root.putObject("error").put("message", message).put("type", type(status));
        error.put("param", field).put("code", code);
        root.put("request_id", requestId);
        return root;
    }

    private static String type(int status) {
        if (status == 401 || status == 403) return "authentication_error";
        if (status == 429) return "rate_limit_error";
        return status < 500 ? "invalid_request_error" : "server_error";
    }

    /** What happened is said all there is; a stack would tell no more and cost time under load. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
