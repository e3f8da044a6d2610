package io.retort.jobs;

import io.retort.ingest.ReadingSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which student is calibrated, and on what; the components say what each is. */
public record CalibrateSettings(
        @Setting(value = "The student: a model folder, or the name of a model that was pulled.",
                label = "NAME|DIR") String model,
        @Setting(value = "What it was not trained on, JSONL, also gzipped: ranking tests, or dialogues, of which each "
                + "reply is compared with random others.", label = "FILE") List<Path> data,
        ReadingSettings reading,
        @Setting(value = "With dialogues: candidates of a context, the right one included.",
                label = "N") int candidates,
        @Setting(value = "With dialogues: draws the candidates.", label = "S") long seed,
        @Setting(value = "Only the first N contexts of each file.", label = "N") Optional<Integer> limit,
        @Setting(value = "Newest turns of a context that are read.", label = "N") int history) {
    /** @throws InvalidSetting if a value is out of its range */
    public CalibrateSettings {
        data = List.copyOf(data);
        TeacherSettings.requireHistory(history);
        InvalidSetting.unless(candidates >= 2, "candidates", candidates, "use 2 or more");
        InvalidSetting.unless(limit.isEmpty() || limit.get() >= 1, "limit", limit, "use 1 or more");
    }

    /** The usual settings; model and data are still to be named. */
    public static CalibrateSettings defaults() {
        return new CalibrateSettings("", List.of(), ReadingSettings.defaults(), 20, 1, Optional.empty(),
                TeacherSettings.USUAL_HISTORY);
    }

    /** A copy of these settings that calibrates another student. */
    public CalibrateSettings withModel(String model) {
        return new CalibrateSettings(model, data, reading, candidates, seed, limit, history);
    }

    /** A copy of these settings that calibrates on the first contexts of other data; empty for all. */
    public CalibrateSettings withData(List<Path> data, Optional<Integer> limit) {
        return new CalibrateSettings(model, data, reading, candidates, seed, limit, history);
    }

    /** A copy of these settings that reads dialogues otherwise. */
    public CalibrateSettings withReading(ReadingSettings reading) {
        return new CalibrateSettings(model, data, reading, candidates, seed, limit, history);
    }

    /** A copy of these settings with another number of turns that are read. */
    public CalibrateSettings withHistory(int history) {
        return new CalibrateSettings(model, data, reading, candidates, seed, limit, history);
    }

    /** The ranking of candidates in one of the files. */
    EvaluateSettings of(Path file) {
        EvaluateSettings settings = EvaluateSettings.defaults().withData(file).withReading(reading)
                .withCandidates(candidates).withHistory(history).withSeed(seed);
        return limit.map(settings::withLimit).orElse(settings);
    }
}
