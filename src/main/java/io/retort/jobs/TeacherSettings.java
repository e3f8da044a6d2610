package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.generate.GenerationSettings;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import java.nio.file.Path;
import java.util.Optional;

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

    /** The language model of a path, loaded when it is first asked. */
    static LocalTeacher local(Optional<Path> teacher, LocalTeacherSettings settings, RetortRuntime runtime) {
        return LocalTeacher.whenAsked(teacher.orElseThrow(() -> new InvalidSetting("teacher", teacher, "",
                "name a GGUF file or a folder of the Hugging Face Hub")), settings, runtime);
    }

    static long limit(Optional<Long> limit) {
        return limit.orElse(Long.MAX_VALUE);
    }
}
