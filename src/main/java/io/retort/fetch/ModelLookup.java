package io.retort.fetch;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Finds a model by what a person calls it: a folder, the student that comes with Retort, a model of the catalogue. What
 * came with Retort is unpacked on first use; nothing is downloaded. Any thread.
 */
public final class ModelLookup {
    /** Where models of the catalogue come from. */
    public static final URI HUB = URI.create("https://huggingface.co");

    private ModelLookup() {}

    /**
     * A folder of that path, of a bot's the student, or a model of that name.
     *
     * @param news told in a sentence when something takes a while
     * @throws BadInput if there is none, or it was not pulled yet
     */
    public static ModelFolder find(String model, Consumer<String> news) throws IOException {
        Path path = Path.of(model);
        if (BotFolder.is(path)) return BotFolder.open(path).model();
        if (Files.isDirectory(path)) return ModelFolder.open(path);
        if (model.equals(BundledFiles.STUDENT)) return ModelFolder.open(BundledFiles.own().folder(model));
        Path pulled = ModelHome.model(model);
        boolean known = ModelCatalog.bundled().find(model).isPresent();
        if (model.indexOf('/') < 0 && !known && Files.isDirectory(pulled)) return ModelFolder.open(pulled);
        if (ModelCatalog.bundled().findHubModel(model).isPresent()) throw notHere(model);
        CatalogEntry entry = ModelCatalog.bundled().get(model);
        Path target = ModelHome.model(entry.name());
        if (ModelPull.isCurrent(entry, target)) return ModelFolder.open(target);
        if (!ModelPull.isLocal(entry)) {
            throw notHere(entry.name());
        }
        news.accept("unpacking " + entry.name() + " into " + target);
        return new ModelPull(HUB, "", Progress.NONE).fromMaven(entry, target);
    }

    private static BadInput notHere(String name) {
        return BadInput.of("the model \"" + name + "\" is not here yet", "run `retort pull " + name + "`");
    }
}
