package io.retort.fetch;

import java.io.IOException;
import java.time.Duration;

/**
 * The server or the way to it failed for now: worth another try. Kept apart from the errors of the local disk, which
 * are not.
 */
final class ConnectionCut extends IOException {
    private static final long serialVersionUID = 1L;

    private final Duration requestedPause;

    ConnectionCut(String message) {
        this(message, Duration.ZERO);
    }

    /**
     * @param requestedPause how long the server asked to be left alone
     */
    ConnectionCut(String message, Duration requestedPause) {
        super(message);
        this.requestedPause = requestedPause;
    }

    ConnectionCut causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    Duration requestedPause() {
        return requestedPause;
    }
}
