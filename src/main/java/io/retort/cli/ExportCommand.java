package io.retort.cli;

import io.retort.model.ModelFolder;
import io.retort.model.SentenceTransformersExport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "export", mixinStandardHelpOptions = true, description = {
    "Writes a trained student for another program, or smaller for this one.",
    "sentence-transformers: a folder that it opens and that gives the same vectors; for an untied model two of them, "
            + "context-encoder and reply-encoder. Each holds a README.md that says how contexts are written.",
    "int8: a model folder of Retort's with matrices in 8 bits, a quarter of the size; it serves wherever a model does, and an "
            + "index is to be made with the model that searches it."})
final class ExportCommand implements Callable<Integer> {
    /** What is written. */
    enum Format {
        SENTENCE_TRANSFORMERS("sentence-transformers"), INT8("int8");

        private final String name;

        Format(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Mixin
    private Output output;

    @Option(names = {"-m", "--model"}, required = true, paramLabel = "NAME|DIR",
            description = "A model folder, or a name that `retort pull --list` shows.")
    private String model;

    @Option(names = {"-o", "--out"}, required = true, paramLabel = "DIR",
            description = "The folder to write, new or empty.")
    private Path out;

    @Option(names = "--format", paramLabel = "NAME", defaultValue = "sentence-transformers",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Format format;

    @Override
    public Integer call() throws IOException {
        ModelFolder folder = ModelOption.folder(model);
        List<Path> written = switch (format) {
            case SENTENCE_TRANSFORMERS -> SentenceTransformersExport.write(folder, out);
            case INT8 -> List.of(folder.writeInt8(out).path());
        };
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("model", folder.path().toString());
            facts.put("format", format.toString());
            facts.put("folders", written.stream().map(Path::toString).toList());
            output.json(facts);
        } else {
            written.forEach(path -> output.line(path.toString()));
        }
        return 0;
    }
}
