package io.retort.jobs;

import io.retort.fetch.ModelCatalog;
import io.retort.ingest.ReadingSettings;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Out of which data, with which student and how hard negatives are mined.
 *
 * @param model     the student that finds them: the name of a bi-encoder or its folder
 * @param data      dialogues or distilled data, whose contexts they are for and whose replies they are
 * @param reading   how files of dialogues are read
 * @param history   most turns of a context, 1 or more
 * @param minWords  contexts whose original reply has fewer words are left out, 0 or more
 * @param negatives most that are written of a context, 1 or more
 * @param skip      best replies found that are passed over, 0 or more
 * @param search    how they are searched for; if empty, as is fast
 */
public record MineSettings(
        @Setting(value = "The student that finds them: a folder of a bi-encoder, or the name of one that was pulled.",
                label = "NAME|DIR") String model,
        @Setting(value = "Dialogues or distilled data, JSONL, also gzipped: the contexts that negatives are for, and "
                + "the replies that they are.", label = "FILE") List<Path> data,
        ReadingSettings reading,
        @Setting(value = "Most turns of a context.", label = "N") int history,
        @Setting(value = "Leave out contexts whose original reply has fewer words.", label = "N") int minWords,
        @Setting(value = "Most negatives of a context.", label = "N") int negatives,
        @Setting(value = "Best replies found that are passed over: often they fit.", label = "N") int skip,
        @Setting(value = "How they are searched for: exact, screened, gpu (on an NVIDIA card) or auto, which takes the "
                + "card where that is faster. All find the same.", label = "METHOD", defaultText = "auto",
                decides = false) Optional<SearchChoice> search) {
    public MineSettings {
        data = List.copyOf(data);
        InvalidSetting.unless(!model.isEmpty(), "model", model, "name one");
        InvalidSetting.unless(search.stream().allMatch(SearchChoice::isExact), "search", "ann",
                "use exact, screened, gpu or auto");
        InvalidSetting.unless(history >= 1, "history", history, "use 1 or more");
        InvalidSetting.unless(minWords >= 0, "minWords", minWords, "use 0 or more");
        InvalidSetting.unless(negatives >= 1 && negatives <= 1000, "negatives", negatives, "use 1 to 1000");
        InvalidSetting.unless(skip >= 0 && skip <= 1000, "skip", skip, "use 0 to 1000");
    }

    /** The usual settings: four negatives for each context, after the best one; data are still to be named. */
    public static MineSettings defaults() {
        return new MineSettings(ModelCatalog.DEFAULT, List.of(), ReadingSettings.defaults(), 4, 3, 4, 1,
                Optional.empty());
    }

    /** A copy of these settings that mines with another student. */
    public MineSettings withModel(String model) {
        return new MineSettings(model, data, reading, history, minWords, negatives, skip, search);
    }

    /** A copy of these settings that mines for other data. */
    public MineSettings withData(List<Path> data) {
        return new MineSettings(model, data, reading, history, minWords, negatives, skip, search);
    }

    /** A copy of these settings that leaves out contexts whose original reply has fewer words. */
    public MineSettings withMinWords(int minWords) {
        return new MineSettings(model, data, reading, history, minWords, negatives, skip, search);
    }

    /** A copy of these settings with other numbers of negatives for each context, and of better replies passed over. */
    public MineSettings withNegatives(int negatives, int skip) {
        return new MineSettings(model, data, reading, history, minWords, negatives, skip, search);
    }

    /** A copy of these settings with another search method. */
    public MineSettings withSearch(SearchChoice search) {
        return new MineSettings(model, data, reading, history, minWords, negatives, skip, Optional.of(search));
    }

    /** A copy of these settings that reads files otherwise. */
    public MineSettings withReading(ReadingSettings reading) {
        return new MineSettings(model, data, reading, history, minWords, negatives, skip, search);
    }
}
