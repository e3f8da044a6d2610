package io.retort.serve;

import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What people who come to a server by a browser can do there beside talking; the components say what each is. */
public record PageSettings(
        @Setting(value = "The plan of a study (`retort study plan`), whose items are handed to judges at /study.",
                label = "FILE") Optional<Path> study,
        @Setting(value = "The file that the study's votes are added to.", label = "FILE",
                defaultText = "that beside the plan") Optional<Path> votes,
        @Setting(value = "The file that keeps which replies people found right, or wrote; those that they found wrong "
                + "are kept beside it, in FILE.negatives.jsonl.", label = "FILE",
                defaultText = "INDEX.feedback.jsonl beside the index, or in the state folder") Optional<Path> feedback,
        @Setting(
                value = "A bot's folder, a model or an index that people may switch to on the page, for everybody; may "
                        + "be given several times.",
                label = "WHAT") List<String> choice) {
    /** @throws InvalidSetting if votes are wanted of no study, or a choice is blank or comes twice */
    public PageSettings {
        choice = List.copyOf(choice);
        InvalidSetting.unless(votes.isEmpty() || study.isPresent(), "votes", votes, "name the \"study\", too");
        for (String each : choice) InvalidSetting.unless(!each.isBlank(), "choice", each, "name a bot, model or index");
        InvalidSetting.unless(choice.stream().distinct().count() == choice.size(), "choice", choice, "name each once");
    }

    /** No study and nothing to switch to; feedback is kept beside the index. */
    public static PageSettings defaults() {
        return new PageSettings(Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    /** A copy of these settings that hands out a study, whose votes are kept beside its plan. */
    public PageSettings withStudy(Path plan) {
        return new PageSettings(Optional.of(plan), Optional.empty(), feedback, choice);
    }

    /** A copy of these settings with other things to switch to. */
    public PageSettings withChoice(List<String> choice) {
        return new PageSettings(study, votes, feedback, choice);
    }
}
