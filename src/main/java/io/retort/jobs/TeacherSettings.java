package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.retort.files.ResumableJob;
import io.retort.generate.GenerationSettings;
import io.retort.lm.WeightStorage;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import java.io.IOException;
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
     * The language model of a path, loaded when it is first asked.
     *
     * @param asked how it is to keep its weights, if that is said
     * @param out   the job's output, which may be begun already
     * @param place where its run tells of the teacher, as a JSON pointer
     * @param noted told of how weights are kept, where there is a choice
     */
    static LocalTeacher local(Optional<Path> teacher, LocalTeacherSettings settings, Optional<WeightStorage> asked,
            Optional<Path> out, String place, RetortRuntime runtime, Consumer<String> noted) throws IOException {
        WeightStorage weights = weights(asked, out, place);
        LocalTeacher local = local(teacher, settings.withWeights(weights), runtime);
        tell(local, noted);
        if (asked.isEmpty() && weights == WeightStorage.F32 && local.hasStoredWeights()) {
            noted.accept(out.get() + " was begun with the teacher's weights in 32 bits, and keeps to it");
        }
        return local;
    }

    /** Tells of weights that stay as they are stored. */
    static void tell(LocalTeacher teacher, Consumer<String> noted) {
        if (teacher.weights() == WeightStorage.FILE) {
            noted.accept("the weights of " + teacher.name() + " are kept as its file stores them");
        }
    }

    /** The language model of a path, loaded when it is first asked. */
    static LocalTeacher local(Optional<Path> teacher, LocalTeacherSettings settings, RetortRuntime runtime) {
        return LocalTeacher.whenAsked(teacher.orElseThrow(() -> new InvalidSetting("teacher", teacher, "",
                "name a GGUF file or a folder of the Hugging Face Hub")), settings, runtime);
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
