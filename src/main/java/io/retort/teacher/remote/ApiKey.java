package io.retort.teacher.remote;

import io.retort.files.BadInput;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Optional;

/** The key to a server. It says itself to the server alone: neither {@link #toString()} nor a message tells it. */
final class ApiKey {
    private final String secret;

    private ApiKey(String secret) {
        this.secret = secret;
    }

    /**
     * Reads the key out of an environment; empty if there is none.
     *
     * @throws BadInput if it holds letters that no header may have, without telling them
     */
    static Optional<ApiKey> of(String variable, Map<String, String> environment) {
        String value = environment.getOrDefault(variable, "").strip();
        if (value.isEmpty()) return Optional.empty();
        // The HTTP client would tell the header it refuses, and with it the key.
        if (!value.chars().allMatch(letter -> letter > ' ' && letter < 127)) {
            throw BadInput.of("the key in the environment variable " + variable
                    + " holds spaces, line breaks or letters that no key has", "set it to the key alone");
        }
        return Optional.of(new ApiKey(value));
    }

    void addTo(HttpRequest.Builder request) {
        request.header("Authorization", "Bearer " + secret);
    }

    /** A server's text without the key, which some servers say back. */
    String hiddenIn(String text) {
        return text.replace(secret, "…");
    }

    @Override
    public String toString() {
        return "a key";
    }
}
