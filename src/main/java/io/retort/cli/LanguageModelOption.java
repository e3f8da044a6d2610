package io.retort.cli;

import io.retort.generate.TextLanguageModel;
import io.retort.graph.Engine;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.WeightStorage;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that say which language model is used, and which engine executes it. */
final class LanguageModelOption extends EngineOption {
    @Option(names = {"-m", "--model"}, required = true, paramLabel = "FILE|DIR",
            description = "A language model: a GGUF file, or a folder of the Hugging Face Hub (config.json, safetensors, "
                    + "tokenizer.json).")
    private Path model;

    @Option(names = "--weights", paramLabel = "FORM", defaultValue = "FILE",
            description = "How its weights are kept in memory: file as they are stored, f32 as 32-bit numbers. "
                    + "Default: file.")
    private WeightStorage weights;

    WeightStorage weights() {
        return weights;
    }

    LanguageModelFiles files() throws IOException {
        return LanguageModelFiles.open(model);
    }

    TextLanguageModel open(Engine engine) throws IOException {
        return TextLanguageModel.open(model, engine, weights);
    }

    TextLanguageModel open() throws IOException {
        return open(engine());
    }
}
