package io.retort.cli;

import io.retort.fetch.BundledFiles;
import io.retort.files.BadInput;
import io.retort.reply.BundledReplies;
import io.retort.reply.ModelResponder;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.runtime.RetortRuntime;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Options that say which model answers, and out of which index; without an index, out of the replies that come with
 * Retort.
 */
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

    @Parameters(arity = "0..1", paramLabel = "BOT",
            description = "A folder that `retort distill` made: model and index in one. --model takes one as well.")
    private Path bot;

    /** Opens the model and the index that the options name, for one search or many. */
    Responder open(Searches searches) throws IOException {
        if (bot == null && index == null && BotFolder.is(Path.of(model.model))) bot = Path.of(model.model);
        if (bot != null) return open(BotFolder.open(bot), searches);
        ModelFolder folder = folder();
        return ModelResponder.open(model.runtime(), folder, file(folder), search.settings(searches));
    }

    private Responder open(BotFolder named, Searches searches) throws IOException {
        if (isModelGiven() && !model.model.equals(named.path().toString())) {
            throw BadInput.of("both " + named.path() + " and --model " + model.model, "name one of them");
        }
        return ModelResponder.open(model.runtime(), named.model(), index == null ? named.index() : index,
                search.settings(searches));
    }

    private boolean isModelGiven() {
        return spec.commandLine().getParseResult().hasMatchedOption("--model");
    }

    private ModelFolder folder() throws IOException {
        if (index == null && !isModelGiven()) {
            model.model = BundledFiles.STUDENT;
        }
        return model.folder();
    }

    private Path file(ModelFolder folder) throws IOException {
        return index != null ? index : bundled(model.runtime(), folder, BundledReplies.file(folder));
    }

    /**
     * Returns a file with the index of the bundled replies for a model, which is made if it is not there yet.
     */
    static Path bundled(RetortRuntime runtime, ModelFolder folder, Path file) throws IOException {
        if (Files.isRegularFile(file)) return file;
        System.err.println("retort: encoding the replies that come with Retort, once");
        try (ProgressLine progress = new ProgressLine("encode", "replies")) {
            return BundledReplies.index(runtime, folder, file, progress);
        }
    }
}
