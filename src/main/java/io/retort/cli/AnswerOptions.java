package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.reply.BundledReplies;
import io.retort.reply.ModelResponder;
import io.retort.reply.Responder;
import io.retort.reply.ResponsePolicy;
import io.retort.reply.ResponderSettings.Searches;
import io.retort.runtime.RetortRuntime;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Options that say which model answers, and out of which index; without an index, out of the replies that come with
 * Retort.
 */
final class AnswerOptions {
    @Mixin
    private final IndexModelOption model;
    @Mixin
    private final SearchOptions search = new SearchOptions();

    @Option(names = {"-i", "--index"}, paramLabel = "FILE",
            description = "A response index; every byte is checked first, about 0.2 s a gigabyte. Without it: the replies "
                    + "that come with Retort.")
    private Path index;

    @Parameters(arity = "0..1", paramLabel = "BOT",
            description = "A folder that `retort distill` made: model and index in one. --model takes one as well.")
    private Path bot;

    private Answering found;

    /** Options before they are read. */
    AnswerOptions() {
        this(null, null, null);
    }

    /**
     * Options of which those that are not given are null.
     *
     * @param model the name of a model, or its folder
     * @param index the file of an index
     * @param bot   the folder of a bot
     */
    AnswerOptions(String model, Path index, Path bot) {
        this.model = new IndexModelOption(model);
        this.index = index;
        this.bot = bot;
    }

    /** Opens the model and the index that the options name, for one search or many. */
    Responder open(Searches searches) throws IOException {
        Answering answering = answering();
        return ModelResponder.open(model.runtime(), answering.model, answering.index, search.settings(searches));
    }

    /**
     * What answers out of what.
     *
     * @param name  how it is called
     * @param isOwn whether the index is somebody's own, and not that of the bundled replies
     */
    private record Answering(ModelFolder model, Path index, String name, boolean isOwn) {
    }

    private Answering answering() throws IOException {
        if (found == null) found = find();
        return found;
    }

    private Answering find() throws IOException {
        Optional<String> named = model.named();
        boolean isModelOfBot = bot == null && index == null && named.isPresent() && BotFolder.is(Path.of(named.get()));
        if (bot == null && !isModelOfBot) {
            ModelFolder folder = model.folder(Optional.ofNullable(index));
            return new Answering(folder, file(folder), folder.name(), index != null);
        }
        if (bot != null && named.isPresent()) {
            throw BadInput.of("both " + bot + " and --model " + named.get(), "name one of them");
        }
        BotFolder opened = BotFolder.open(bot != null ? bot : Path.of(named.get()));
        return new Answering(opened.model(), index == null ? opened.index() : index,
                opened.path().toAbsolutePath().normalize().getFileName().toString(), true);
    }

    /** The policy that options ask for, or else that of the model that the options here name. */
    ResponsePolicy policy(PolicyOptions asked) throws IOException {
        Answering answering = answering();
        return asked.policy(ResponsePolicy.of(answering.model.path()),
                answering.isOwn ? Optional.of(answering.index) : Optional.empty());
    }

    /** The folder of the model that answers. */
    ModelFolder student() throws IOException {
        return answering().model;
    }

    /** The name of what answers, for people. */
    String name() throws IOException {
        return answering().name;
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
