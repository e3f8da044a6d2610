package io.retort.cli;

import io.retort.fetch.ModelCatalog;
import io.retort.fetch.ModelLookup;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import java.io.IOException;
import picocli.CommandLine.Option;

/** Options that say which retrieval model is used, and which engine executes it. */
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
     * Finds a model: a folder at that path, or a pulled model of that name; one whose weights came with Retort itself
     * is unpacked on first use.
     */
    static ModelFolder folder(String model) throws IOException {
        return ModelLookup.find(model, news -> System.err.println("retort: " + news));
    }
}
