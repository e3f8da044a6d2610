package io.retort.jobs;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;

/**
 * Which trained student is exported, and in which format.
 *
 * @param model  the name of a model or its folder; empty while it is to be named
 * @param format for whom
 */
public record ExportSettings(
        @Setting(value = "A model folder, or the name of a model that was pulled.", label = "NAME|DIR") String model,
        @Setting(value = "For whom it is written.", label = "NAME") Format format) {
    /** The formats in which a student can be exported. */
    public enum Format {
        /** Folders of sentence-transformers: one, or one for each side of an untied model. */
        SENTENCE_TRANSFORMERS,
        /** A model folder of Retort's own with matrices in 8 bits. */
        INT8
    }

    public ExportSettings {
        InvalidSetting.unless(model != null, "model", model, "name one");
        InvalidSetting.unless(format != null, "format", format, "name one");
    }

    /** An export for sentence-transformers; the model is still to be named. */
    public static ExportSettings defaults() {
        return new ExportSettings("", Format.SENTENCE_TRANSFORMERS);
    }

    /** A copy of these settings that exports another model. */
    public ExportSettings withModel(String model) {
        return new ExportSettings(model, format);
    }

    /** A copy of these settings that exports in another format. */
    public ExportSettings withFormat(Format format) {
        return new ExportSettings(model, format);
    }
}
