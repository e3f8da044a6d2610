package io.retort.files;

import java.nio.file.Path;

/** The folder of all that Retort keeps for this user: {@code $RETORT_HOME}, by default {@code ~/.cache/retort}. */
public final class UserFolder {
    private UserFolder() {}

    /** That folder, which may not be there yet. */
    public static Path root() {
        String own = System.getProperty("retort.home", System.getenv("RETORT_HOME"));
        if (own != null && !own.isBlank()) return Path.of(own);
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache != null && !cache.isBlank()
                ? Path.of(cache)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("retort");
    }
}
