package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.retort.files.ResumableJob;
import io.retort.generate.GenerationSettings;
import io.retort.generate.PromptChoice;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import io.retort.teacher.remote.RemoteTeacher;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** What the settings of a teacher's jobs have in common. */
final class TeacherSettings {
    static final int USUAL_HISTORY = 4;
    static final int USUAL_BATCH = 32;

    private TeacherSettings() {}

    static void requireHistory(int history) {
        unless(history >= 1, "history", history, "keep at least 1 turn");
    }

    static void requireLimit(Optional<Long> limit) {
        unless(limit.isEmpty() || limit.get() >= 1, "limit", limit, "use 1 or more");
    }

    static void requireBatch(int batch, DecodingSettings decoding) {
        unless(batch >= 1 && batch <= GenerationSettings.LARGEST_BATCH, "batch", batch,
                "use 1 to " + GenerationSettings.LARGEST_BATCH);
        int rows = decoding.ofReplies().rows();
        if (rows > batch) {
            throw new InvalidSetting("batch", batch, "and a beam of " + rows + " does not fit",
                    "set \"batch\" to " + rows + " or more");
        }
    }

    /**
     * Refuses settings of a model in this process where the teacher is a server, and the other way round.
     *
     * @param parameter the name of the weights' component
     */
    static void requirePlace(Optional<TeacherPlace> teacher, ServerSettings server, String parameter,
            Optional<WeightStorage> weights) {
        boolean isRemote = teacher.flatMap(TeacherPlace::address).isPresent();
        if (!isRemote) server.requireNone();
        else if (weights.isPresent()) {
            throw new InvalidSetting(parameter, weights, "which only a language model in a file has", "leave it out");
        }
    }

    /**
     * The teacher at a place: a language model, loaded when it is first asked, or a server, which is asked at once what
     * it can do.
     *
     * @param settings how it is asked; of a server, prompt and history alone count
     * @param asked    how a language model is to keep its weights, if that is said
     * @param out      the job's output, which may be begun already
     * @param pointer  where its run tells of the teacher, as a JSON pointer
     * @param noted    told of how weights are kept, where there is a choice, or what a server can do
     */
    static Teacher open(Optional<TeacherPlace> teacher, ServerSettings server, LocalTeacherSettings settings,
            Optional<WeightStorage> asked, Optional<Path> out, String pointer, RetortRuntime runtime,
            Consumer<String> noted) throws IOException {
        TeacherPlace place = required(teacher);
        if (place.address().isPresent()) {
            return remote(place.address().get(), server, settings.prompt(), settings.history(), noted);
        }
        WeightStorage weights = weights(asked, out, pointer);
        LocalTeacher local = LocalTeacher.whenAsked(place.path(), settings.withWeights(weights), runtime);
        tell(local, noted);
        if (asked.isEmpty() && weights == WeightStorage.F32 && local.hasStoredWeights()) {
            noted.accept(out.get() + " was begun with the teacher's weights in 32 bits, and keeps to it");
        }
        return local;
    }

    /** Asks a server what it can do, and tells it. */
    static RemoteTeacher remote(URI address, ServerSettings server, PromptChoice prompt, int history,
            Consumer<String> noted) {
        RemoteTeacher remote = RemoteTeacher.open(server.of(address, prompt, history));
        noted.accept(remote.sentence());
        return remote;
    }

    /** The place of a teacher, which must be named. */
    static TeacherPlace required(Optional<TeacherPlace> teacher) {
        return teacher.orElseThrow(() -> new InvalidSetting("teacher", teacher, "",
                "name a GGUF file, a folder of the Hugging Face Hub, or a server's address"));
    }

    /** Tells of weights that stay as they are stored. */
    static void tell(Teacher teacher, Consumer<String> noted) {
        if (teacher instanceof LocalTeacher local && local.weights() == WeightStorage.FILE) {
            noted.accept("the weights of " + local.name() + " are kept as its file stores them");
        }
    }

    /** Tells what was asked of a server, and what that costs. */
    static void tellUsage(Teacher teacher, ServerSettings server, Consumer<String> noted) {
        if (teacher instanceof RemoteTeacher remote) noted.accept(remote.usage().sentence(server.price()));
    }

    /**
     * How a job's language model keeps its weights: as is asked for, or else as its output was begun, or as the file
     * stores them. What version 0.1 began does not say; it knew 32 bits alone.
     *
     * @param place where a run tells of its teacher, as a JSON pointer
     */
    static WeightStorage weights(Optional<WeightStorage> asked, Optional<Path> out, String place) throws IOException {
        if (asked.isPresent() || out.isEmpty()) return asked.orElse(WeightStorage.FILE);
        JsonNode told = ResumableJob.begun(out.get()).map(run -> run.at(place)).orElseGet(MissingNode::getInstance);
        return told.isObject() && !told.has("weights") ? WeightStorage.F32 : WeightStorage.FILE;
    }

    static long limit(Optional<Long> limit) {
        return limit.orElse(Long.MAX_VALUE);
    }
}
