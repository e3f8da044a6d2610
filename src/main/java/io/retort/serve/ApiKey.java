package io.retort.serve;

import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.files.TextLines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * The key that clients must give, of which only the digest is kept; comparing takes as long whatever is wrong with a
 * key. Immutable; any thread.
 */
final class ApiKey {
    /** The variable of the environment that may hold the key. */
    static final String VARIABLE = "RETORT_API_KEY";
    private static final int SHORTEST = 16;
    private static final String BEARER = "bearer ";

    private final byte[] digest;

    private ApiKey(String key) {
        this.digest = digest(key);
    }

    private static byte[] digest(String key) {
        return new Sha256().update(key.getBytes(StandardCharsets.UTF_8)).hex().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The key that the settings or the environment give.
     *
     * @param variable the environment's; null if it has none
     * @throws BadInput if it is too short to be one, or is needed and missing
     */
    static Optional<ApiKey> of(ServeSettings settings, String variable) throws IOException {
        Optional<String> key = settings.apiKeyFile().isPresent()
                ? Optional.of(read(settings.apiKeyFile().get()))
                : Optional.ofNullable(variable).filter(text -> !text.isEmpty());
        if (key.isPresent() && key.get().length() < SHORTEST) {
            throw BadInput.of("the API key has " + key.get().length() + " characters",
                    "take at least " + SHORTEST + " random ones, such as from `openssl rand -hex 32`");
        }
        if (key.isEmpty() && !settings.open() && !isLoopback(settings.host())) {
            throw BadInput.of("other machines could reach " + settings.host() + " without an API key",
                    "put a key into " + VARIABLE + " or a file named by \"api-key-file\", or set \"open\" to true");
        }
        return key.map(ApiKey::new);
    }

    private static String read(Path file) throws IOException {
        try (TextLines lines = TextLines.openVerbatim(file)) {
            if (!lines.hasNext()) throw BadInput.in(file, "is empty", "put the API key into its first line");
            return lines.nextFilled().strip();
        }
    }

    /** Whether only this machine reaches an address. */
    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether a request gives the key, as OpenAI's clients do or in a header of its own. */
    boolean isGivenBy(Call call) {
        String given = call.header("Authorization")
                .filter(text -> text.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(text -> text.substring(BEARER.length()).strip()).or(() -> call.header("X-Api-Key")).orElse("");
        return MessageDigest.isEqual(digest(given), digest);
    }
}
