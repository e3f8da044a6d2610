package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.model.BundledFiles;
import io.retort.model.CatalogEntry;
import io.retort.model.ModelCatalog;
import io.retort.model.ModelFolder;
import io.retort.model.ModelHome;
import io.retort.model.ModelPull;
import io.retort.model.RetrievalModel;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model, and what executes it. */
final class ModelOption extends EngineOption {
    static final String HUB = "https://huggingface.co";

    @Option(names = {"-m", "--model"}, paramLabel = "NAME|DIR", defaultValue = ModelCatalog.DEFAULT,
            description = "A model folder, retort-student (it comes with Retort), or a name that `retort pull --list` "
                    + "shows. Default: ${DEFAULT-VALUE}.")
    String model;

    RetrievalModel load(ModelFolder folder) throws IOException {
        return folder.load(engine());
    }

    ModelFolder folder() throws IOException {
        return folder(model);
    }

    /**
     * A folder of that path, or a pulled model of that name; one whose weights came with Retort itself is unpacked on
     * first use.
     */
    static ModelFolder folder(String model) throws IOException {
        Path path = Path.of(model);
        if (Files.isDirectory(path)) return ModelFolder.open(path);
        if (model.equals(BundledFiles.STUDENT)) return ModelFolder.open(BundledFiles.own().folder(model));
        Path pulled = ModelHome.model(model);
        if (model.indexOf('/') < 0 && ModelCatalog.bundled().find(model).isEmpty() && Files.isDirectory(pulled))
            return ModelFolder.open(pulled);
        CatalogEntry entry = ModelCatalog.bundled().get(model);
        Path target = ModelHome.model(entry.name());
        if (ModelPull.isCurrent(entry, target)) return ModelFolder.open(target);
        if (!ModelPull.isLocal(entry)) {
            throw BadInput.of("the model \"" + entry.name() + "\" is not here yet",
                    "run `retort pull " + entry.name() + "`");
        }
        System.err.println("retort: unpacking " + entry.name() + " into " + target);
        return new ModelPull(URI.create(HUB), "", Progress.NONE).fromMaven(entry, target);
    }
}
