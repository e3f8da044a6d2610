package io.retort.jobs;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;

/** Which votes count in the report of a study; the components say what each is. */
public record StudyReportSettings(
        @Setting(value = "Files of votes.", label = "FILE", defaultText = "that beside the plan") List<Path> votes,
        @Setting(
                value = "The least share of hidden checks that a judge must have right; the votes of one with less are "
                        + "left out.",
                label = "SHARE") double checksPassed,
        @Setting(value = "Draws the resamples of intervals over contexts.", label = "S") long seed) {
    public StudyReportSettings {
        votes = List.copyOf(votes);
        InvalidSetting.unless(checksPassed >= 0 && checksPassed <= 1, "checksPassed", checksPassed, "use 0 to 1");
    }

    /** The votes beside the plan, of judges who have three of four checks right. */
    public static StudyReportSettings defaults() {
        return new StudyReportSettings(List.of(), 0.75, 1);
    }

    /** A copy of these settings that reads these files of votes. */
    public StudyReportSettings withVotes(List<Path> votes) {
        return new StudyReportSettings(votes, checksPassed, seed);
    }
}
