package io.retort.teacher.remote;

import java.util.regex.Pattern;

/** A server's answer that it will not do what it was asked, however often it is asked. */
final class ServerRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Pattern TOO_LONG = Pattern.compile(
            "(?i)context.?(length|size|window)|maximum.{0,20}(length|tokens)|too (long|many)|max_total_tokens"
                    + "|must be (less|<=)|exceed");

    private final int status;

    /** @param said the beginning of what the server said, harmless to print */
    ServerRefusal(int status, String said) {
        super(said, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }

    /** Whether the server finds the text too long for its model. */
    boolean isOfLength() {
        return (status == 400 || status == 413 || status == 422) && TOO_LONG.matcher(getMessage()).find();
    }

    /** The status and what the server said, for people. */
    String told() {
        return "answered " + status + (getMessage().isEmpty() ? "" : " (" + getMessage() + ")");
    }
}
