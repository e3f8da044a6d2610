package io.retort.fetch;

import io.retort.store.ModelFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** The default encoder, imported once for all tests, from the jar on the class path. */
public final class DefaultModel {
    private static final Path FOLDER = Path.of("target", "test-models", ModelCatalog.DEFAULT);

    private DefaultModel() {}

    /** Its model folder. */
    public static synchronized ModelFolder folder() throws IOException {
        CatalogEntry entry = ModelCatalog.bundled().get(ModelCatalog.DEFAULT);
        if (Files.isDirectory(FOLDER) && ModelPull.isCurrent(entry, FOLDER)) return ModelFolder.open(FOLDER);
        return new ModelPull(URI.create("http://127.0.0.1:1"), "", io.retort.files.Progress.NONE).fromMaven(entry,
                FOLDER);
    }
}
