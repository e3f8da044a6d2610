package io.retort.fetch;

import io.retort.files.UserFolder;
import java.nio.file.Path;

/** Where pulled models are kept: {@code $RETORT_HOME/models}, by default {@code ~/.cache/retort/models}. */
public final class ModelHome {
    private ModelHome() {}

    /** The folder of all that Retort keeps for this user. */
    public static Path root() {
        return UserFolder.root();
    }

    /** The folder in which a model of that name lies once it is pulled. */
    public static Path model(String name) {
        return root().resolve("models").resolve(name);
    }
}
