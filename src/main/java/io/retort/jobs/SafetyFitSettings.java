package io.retort.jobs;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** For which student a safety classifier is fitted, and on what; the components say what each is. */
public record SafetyFitSettings(
        @Setting(value = "The student: a model folder, or the name of a model that was pulled.",
                label = "NAME|DIR") String model,
        @Setting(value = "What people said to provoke or to hurt: lines {\"text\": ...}.",
                label = "FILE") List<Path> provocations,
        @Setting(value = "Everyday talk, dialogues of any form; one text in five of it only sets the thresholds.",
                label = "FILE") List<Path> everyday,
        @Setting(
                value = "Texts that a person labelled, one a line: fine, abuse or crisis, a tab, the text. Each counts "
                        + "as much as several others.",
                label = "FILE") List<Path> labelled,
        @Setting(value = "Texts of each file of everyday talk, drawn at random.", label = "N") int limit,
        @Setting(value = "Share of everyday talk that may be stopped.", label = "SHARE") double alarms,
        @Setting(value = "Share of the labelled texts that are fine that may be stopped, by what a classifier makes of "
                + "them that was fitted without them.", label = "SHARE") double lookAlikes,
        @Setting(value = "Draws the texts.", label = "S") long seed,
        @Setting(value = "The folder to write into.", label = "DIR",
                defaultText = "the student's") Optional<Path> out) {
    /** @throws InvalidSetting if a value is out of its range */
    public SafetyFitSettings {
        provocations = List.copyOf(provocations);
        everyday = List.copyOf(everyday);
        labelled = List.copyOf(labelled);
        InvalidSetting.unless(limit >= 1, "limit", limit, "use 1 or more");
        InvalidSetting.unless(alarms > 0 && alarms < 1, "alarms", alarms, "use more than 0 and less than 1");
        InvalidSetting.unless(lookAlikes > 0 && lookAlikes < 1, "lookAlikes", lookAlikes,
                "use more than 0 and less than 1");
    }

    /** The usual settings; model and data are still to be named. */
    public static SafetyFitSettings defaults() {
        return new SafetyFitSettings("", List.of(), List.of(), List.of(), 1500, 0.002, 0.05, 1, Optional.empty());
    }
}
