package io.retort.jobs;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.study.StudyDesign;
import io.retort.study.StudyForm;
import java.util.Optional;

/** Who judges how much of a study; the components say what each is. */
public record StudyDesignSettings(
        @Setting(value = "Judges that there are places for.", label = "N") int judges,
        @Setting(value = "Items that each judges, beside the checks.", label = "N",
                defaultText = "as many as there are") Optional<Integer> items,
        @Setting(value = "Judges who see the same items, so that their agreement can be told.", label = "N",
                defaultText = "all") Optional<Integer> overlap,
        @Setting(value = "What judges are asked.", label = "TEXT",
                defaultText = "a question for the form") Optional<String> question,
        @Setting(value = "Draws contexts, sides and order.", label = "S") long seed) {
    public StudyDesignSettings {
        InvalidSetting.unless(judges >= 1 && judges <= 10_000, "judges", judges, "use 1 to 10000");
        InvalidSetting.unless(items.isEmpty() || items.get() >= 1, "items", items, "use 1 or more");
        InvalidSetting.unless(overlap.isEmpty() || overlap.get() >= 1, "overlap", overlap, "use 1 or more");
        InvalidSetting.unless(question.isEmpty() || !question.get().isBlank(), "question", question, "say something");
    }

    /** Three judges, of whom all see everything. */
    public static StudyDesignSettings defaults() {
        return new StudyDesignSettings(3, Optional.empty(), Optional.empty(), Optional.empty(), 1);
    }

    /** A copy of these settings with other numbers of judges, and of judges who see the same items. */
    public StudyDesignSettings withJudges(int judges, int overlap) {
        return new StudyDesignSettings(judges, items, Optional.of(overlap), question, seed);
    }

    /** A copy of these settings in which each judge has so many items. */
    public StudyDesignSettings withItems(int items) {
        return new StudyDesignSettings(judges, Optional.of(items), overlap, question, seed);
    }

    /** A copy of these settings with another seed. */
    public StudyDesignSettings withSeed(long seed) {
        return new StudyDesignSettings(judges, items, overlap, question, seed);
    }

    /** The design for a number of items that there are. */
    StudyDesign of(int usable) {
        return new StudyDesign(judges, items.orElse(Math.max(1, usable)), Math.min(judges, overlap.orElse(judges)));
    }

    String question(StudyForm form) {
        return question.orElse(form.question());
    }
}
