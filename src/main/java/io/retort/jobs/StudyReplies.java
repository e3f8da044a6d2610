package io.retort.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.Origin;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.InputFile;
import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;
import io.retort.files.Progress;
import io.retort.files.Sha256;
import io.retort.reply.BundledReplies;
import io.retort.reply.ModelOfIndex;
import io.retort.reply.ModelResponder;
import io.retort.reply.RankedReplies;
import io.retort.runtime.RetortRuntime;
import io.retort.store.BotFolder;
import io.retort.store.ModelFolder;
import io.retort.study.SelfChat;
import io.retort.study.StudyContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a system of a study says to its contexts. Bots reply as their index has it, without a chat's fixed answers and
 * fallbacks: the model is judged.
 *
 * @param runtime computes
 * @param turns   of a conversation after its opening; 0 for one reply
 */
record StudyReplies(RetortRuntime runtime, int turns, Progress progress, Consumer<String> news) {
    /** Replies to each context, and what decides them: digests for the plan. */
    record Given(List<List<String>> said, ObjectNode origin) {
    }

    /** A model and the index that it answers from. */
    private record Bot(ModelFolder model, Path index) {
    }

    Given of(StudiedSystem system, List<StudyContext> contexts, ObjectNode origin) throws IOException {
        if (system.isHuman()) {
            return new Given(contexts.stream().map(StudyContext::human).toList(),
                    origin.put("kind", StudiedSystem.HUMAN));
        }
        Path path = Path.of(system.what());
        if (Files.isRegularFile(path) && isJson(path)) {
            origin.put("kind", "replies").put("sha256", Sha256.of(path));
            return new Given(prepared(path, contexts), origin);
        }
        Bot bot = bot(system);
        origin.put("kind", "bot").put("model_fingerprint", bot.model.fingerprint()).put("index_sha256",
                Sha256.of(bot.index));
        try (ModelResponder responder = ModelResponder.open(runtime, bot.model, bot.index)) {
            return new Given(said(system, responder, contexts), origin);
        }
    }

    private Bot bot(StudiedSystem system) throws IOException {
        Path path = Path.of(system.what());
        if (system.isBot()) {
            BotFolder folder = BotFolder.open(path);
            return new Bot(folder.model(), folder.index());
        }
        if (Files.isRegularFile(path)) return new Bot(ModelOfIndex.find(path, news), path);
        ModelFolder model = ModelLookup.find(system.what(), news);
        return new Bot(model, BundledReplies.index(runtime, model, progress));
    }

    private static boolean isJson(Path file) throws IOException {
        try (InputStream in = InputFile.decompressed(file)) {
            int first = in.read();
            return first == '{' || first == ' ' || first == '\n';
        }
    }

    private List<List<String>> said(StudiedSystem system, ModelResponder bot, List<StudyContext> contexts) {
        List<List<String>> said = new ArrayList<>();
        if (turns > 0) {
            for (StudyContext context : contexts) {
                said.add(SelfChat.after(context.context(), bot, turns, bot.usualHistory()));
                progress.update(said.size(), contexts.size());
            }
            return said;
        }
        List<Context> asked = contexts.stream().map(each -> each.context().latest(bot.usualHistory())).toList();
        for (RankedReplies found : bot.replyToAll(asked, 1)) {
            if (found.ranked().isEmpty()) {
                throw BadInput.of("system " + system.name() + " has no reply to context "
                        + contexts.get(said.size()).id() + " that does not repeat it", "give it more replies");
            }
            said.add(List.of(found.text()));
        }
        return said;
    }

    /**
     * Replies made before, JSONL: distilled data, of which the first generated candidate counts, or {@code {"id",
     * "reply"}}; for conversations {@code {"id", "replies": […]}}.
     */
    private List<List<String>> prepared(Path file, List<StudyContext> contexts) throws IOException {
        Map<String, StudyContext> wanted = new HashMap<>();
        contexts.forEach(context -> wanted.put(context.id(), context));
        Map<String, List<String>> found = new HashMap<>();
        try (JsonLines lines = JsonLines.open(file)) {
            while (lines.hasNext()) {
                JsonRecord line = lines.next();
                StudyContext context = wanted.get(line.text("id"));
                if (context == null) continue;
                if (line.has("context")) requireSame(line, context);
                if (found.put(context.id(), reply(line)) != null) {
                    throw line.fault("id", "is that of a line before", "remove one of them");
                }
            }
        }
        for (StudyContext context : contexts) {
            if (!found.containsKey(context.id())) {
                throw BadInput.in(file, "has no reply to context " + context.id(), "make replies to all contexts");
            }
        }
        return contexts.stream().map(context -> found.get(context.id())).toList();
    }

    private static void requireSame(JsonRecord line, StudyContext context) {
        List<String> theirs = line.texts("context");
        if (theirs.isEmpty() || !NormalForm.of(theirs.getLast()).equals(NormalForm.of(context.context().newest()))) {
            throw line.fault("context", "is another than that of the same id in the data",
                    "make the replies of the same data");
        }
    }

    private List<String> reply(JsonRecord line) {
        if (turns > 0) {
            List<String> replies = line.texts("replies");
            if (replies.size() < turns) throw line.fault("replies", "has fewer than " + turns, "add some");
            return List.copyOf(replies.subList(0, turns));
        }
        if (line.has("reply")) return List.of(line.filledText("reply"));
        for (JsonRecord candidate : line.records("candidates")) {
            if (candidate.text("source").equals(Origin.GENERATED.label())) {
                return List.of(candidate.filledText("text"));
            }
        }
        throw line.fault("candidates", "has none that was generated", "give data of `retort generate`");
    }
}
