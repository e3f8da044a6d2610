package io.retort.cli;

import io.retort.files.Progress;
import io.retort.reply.BundledReplies;
import io.retort.reply.ModelResponder;
import io.retort.reply.Responder;
import io.retort.reply.ResponsePolicy;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.runtime.RetortRuntime;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Options that say which model answers, and out of which index; without an index, out of the replies that come with
 * Retort.
 */
final class AnswerOptions {
    @Mixin
    private IndexModelOption model;
    @Mixin
    private SearchOptions search;

    @Option(names = {"-i", "--index"}, paramLabel = "FILE",
            description = "A response index; every byte is checked first, about 0.2 s a gigabyte. Without it: the replies "
                    + "that come with Retort.")
    private Path index;

    /** Opens the model and the index that the options name, for one search or many. */
    Responder open(Searches searches) throws IOException {
        ModelFolder folder = model.folder(Optional.ofNullable(index));
        return ModelResponder.open(model.runtime(), folder, file(folder), search.settings(searches));
    }

    /** The policy that options ask for, or else that of the model that the options here name. */
    ResponsePolicy policy(PolicyOptions asked) throws IOException {
        Optional<Path> answering = Optional.ofNullable(index);
        return asked.policy(ResponsePolicy.of(model.folder(answering).path()), answering);
    }

    /** The name of what answers, for people. */
    String name() throws IOException {
        return model.folder(Optional.ofNullable(index)).name();
    }

    private Path file(ModelFolder folder) throws IOException {
        return index != null ? index : bundled(model.runtime(), folder, BundledReplies.file(folder));
    }

    /**
     * Returns a file with the index of the bundled replies for a model, which is made if it is not there yet.
     */
    static Path bundled(RetortRuntime runtime, ModelFolder folder, Path file) throws IOException {
        if (Files.isRegularFile(file)) return file;
        if (BundledReplies.comeWithVectors(folder)) return BundledReplies.index(runtime, folder, file, Progress.NONE);
        System.err.println("retort: encoding the replies that come with Retort, once");
        try (ProgressLine progress = new ProgressLine("encode", "replies")) {
            return BundledReplies.index(runtime, folder, file, progress);
        }
    }
}
