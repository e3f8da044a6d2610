package io.retort.jobs;

import io.retort.curate.CurationSettings;
import io.retort.ingest.ReadingSettings;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;

/**
 * Which conversations are converted, how they are read, and what of them is kept.
 *
 * @param data     files of conversations or replies, in any format that is known
 * @param reading  what the files do not tell themselves
 * @param curation what is kept
 */
public record ConvertSettings(
        @Setting(value = "Conversations or replies in any format that Retort knows, also compressed.",
                label = "FILE") List<Path> data,
        ReadingSettings reading, CurationSettings curation) {
    public ConvertSettings {
        data = List.copyOf(data);
    }

    /** Files tell what they are, and all of them is kept; the data are still to be named. */
    public static ConvertSettings defaults() {
        return new ConvertSettings(List.of(), ReadingSettings.defaults(), CurationSettings.defaults());
    }

    /** A copy of these settings that converts other files. */
    public ConvertSettings withData(List<Path> data) {
        return new ConvertSettings(data, reading, curation);
    }

    /** A copy of these settings that reads files otherwise. */
    public ConvertSettings withReading(ReadingSettings reading) {
        return new ConvertSettings(data, reading, curation);
    }

    /** A copy of these settings that keeps other things. */
    public ConvertSettings withCuration(CurationSettings curation) {
        return new ConvertSettings(data, reading, curation);
    }
}
