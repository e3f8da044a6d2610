package io.retort.cli;

import io.retort.fetch.BundledFiles;
import io.retort.reply.ModelOfIndex;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say which retrieval model works with an index, and which engine executes it. */
final class IndexModelOption extends EngineOption {
    @Option(names = {"-m", "--model"}, paramLabel = "NAME|DIR",
            description = "A model folder, retort-student (it comes with Retort), or a name that `retort pull --list` "
                    + "shows. Default: the model that made the index; without an index, and for a new one, "
                    + "retort-student.")
    private String model;

    /** Options before they are read. */
    IndexModelOption() {
        this(null);
    }

    /**
     * Options that name a model.
     *
     * @param model null for none
     */
    IndexModelOption(String model) {
        this.model = model;
    }

    /** What the option says; empty if it is not given. */
    Optional<String> named() {
        return Optional.ofNullable(model);
    }

    /** The model that is named; if none is, the one that made the index, or the one that comes with Retort. */
    ModelFolder folder(Optional<Path> index) throws IOException {
        if (model != null) return ModelOption.folder(model);
        return index.isEmpty()
                ? ModelOption.folder(BundledFiles.STUDENT)
                : ModelOfIndex.find(index.get(),
                        news -> System.err.println("retort: " + news));
    }
}
