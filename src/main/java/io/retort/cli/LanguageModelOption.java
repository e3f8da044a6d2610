package io.retort.cli;

import io.retort.generate.TextLanguageModel;
import io.retort.graph.Engine;
import io.retort.lm.LanguageModelFiles;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that say which language model is used, and which engine executes it. */
final class LanguageModelOption extends EngineOption {
    @Option(names = {"-m", "--model"}, required = true, paramLabel = "FILE|DIR",
            description = "A language model: a GGUF file, or a folder of the Hugging Face Hub (config.json, safetensors, "
                    + "tokenizer.json).")
    private Path model;

    LanguageModelFiles files() throws IOException {
        return LanguageModelFiles.open(model);
    }

    TextLanguageModel open(Engine engine) throws IOException {
        return TextLanguageModel.open(model, engine);
    }

    TextLanguageModel open() throws IOException {
        return open(engine());
    }
}
