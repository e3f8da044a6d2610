package io.retort.teacher;

import io.retort.generate.TextLanguageModel;
import java.nio.file.Path;

/** Teachers out of models that tests have made in memory. */
public final class LoadedTeacher {
    private LoadedTeacher() {}

    /** A teacher that speaks as a model does that no file holds. */
    public static LocalTeacher of(Path path, TextLanguageModel model, String fingerprint, String engine,
            LocalTeacherSettings settings) {
        return LocalTeacher.of(path, model, fingerprint, engine, settings);
    }
}
