package io.retort.cli;

import io.retort.model.BundledFiles;
import io.retort.model.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Who answers, and out of which replies: without an index the student and the replies that come with Retort. */
final class AnswerOptions {
    @Mixin
    private ModelOption model;
    @Mixin
    private SearchOptions search;
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = {"-i", "--index"}, paramLabel = "FILE",
            description = "A response index made with this model; every byte is checked first, about 0.2 s a gigabyte. "
                    + "Without it: the replies that come with Retort, and the model is retort-student by default.")
    private Path index;

    /** For many searches. */
    OpenIndex open() throws IOException {
        ModelFolder folder = folder();
        return OpenIndex.open(model, folder, file(folder), search);
    }

    /** For a single search. */
    OpenIndex openForOneSearch() throws IOException {
        ModelFolder folder = folder();
        return OpenIndex.forOneSearch(model, folder, file(folder), search);
    }

    private ModelFolder folder() throws IOException {
        if (index == null && !spec.commandLine().getParseResult().hasMatchedOption("--model")) {
            model.model = BundledFiles.STUDENT;
        }
        return model.folder();
    }

    private Path file(ModelFolder folder) throws IOException {
        return index != null ? index : BundledIndex.ready(model, folder);
    }
}
