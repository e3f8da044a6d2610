package io.retort.fetch;

import java.nio.file.Path;

/** Where pulled models are kept: {@code $RETORT_HOME/models}, by default {@code ~/.cache/retort/models}. */
public final class ModelHome {
    private ModelHome() {}

    /** The folder of all that Retort keeps for this user. */
    public static Path root() {
        String own = System.getProperty("retort.home", System.getenv("RETORT_HOME"));
        if (own != null && !own.isBlank()) return Path.of(own);
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache != null && !cache.isBlank()
                ? Path.of(cache)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("retort");
    }

    /** The folder in which a model of that name lies once it is pulled. */
    public static Path model(String name) {
        return root().resolve("models").resolve(name);
    }
}
