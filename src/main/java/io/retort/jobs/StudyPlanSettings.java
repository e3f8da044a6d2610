package io.retort.jobs;

import io.retort.ingest.ReadingSettings;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.study.StudyForm;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/** What a study compares, and on what; the components say what each is. */
public record StudyPlanSettings(
        @Setting(value = "What judges see: side-by-side (two replies to a context), self-chats (two conversations of "
                + "bots with themselves), sensible-specific (one reply, SSA) or likert (one reply, from 1 to 5).",
                label = "FORM") StudyForm form,
        @Setting(value = "What is compared, two or more, as NAME=WHAT: a bot's folder, a student, a response index, a "
                + "JSONL file of replies made before, or human (what people said in the data). Judges never see the "
                + "names.", label = "NAME=WHAT") List<StudiedSystem> system,
        @Setting(value = "Where contexts come from: dialogues, distilled data or ranking tests.",
                label = "FILE") List<Path> data,
        ReadingSettings reading,
        @Setting(value = "Contexts that are drawn, without those of checks.", label = "N") int contexts,
        @Setting(value = "Most turns of a context that judges see. Bots read as many as they do in a chat.",
                label = "N") int history,
        @Setting(value = "Of self-chats: turns after the opening.", label = "N") int turns,
        @Setting(value = "Hidden checks that each judge gets: what people said, against words in disorder.",
                label = "N") int checks,
        StudyDesignSettings design) {
    public StudyPlanSettings {
        system = List.copyOf(system);
        data = List.copyOf(data);
        InvalidSetting.unless(contexts >= 1 && contexts <= 100_000, "contexts", contexts, "use 1 to 100000");
        InvalidSetting.unless(history >= 1, "history", history, "use 1 or more");
        InvalidSetting.unless(turns >= 1 && turns <= 100, "turns", turns, "use 1 to 100");
        InvalidSetting.unless(checks >= 0 && checks != 1 && checks <= 1000, "checks", checks, "use 0, or 2 to 1000");
        InvalidSetting.unless(new HashSet<>(system.stream().map(StudiedSystem::name).toList()).size() == system.size(),
                "system", system, "give each a name of its own, as in NAME=WHAT");
    }

    /** Twenty contexts side by side, with two checks; systems and data are still to be named. */
    public static StudyPlanSettings defaults() {
        return new StudyPlanSettings(StudyForm.SIDE_BY_SIDE, List.of(), List.of(), ReadingSettings.defaults(), 20, 4, 6,
                2, StudyDesignSettings.defaults());
    }

    /** A copy of these settings with another form. */
    public StudyPlanSettings withForm(StudyForm form) {
        return new StudyPlanSettings(form, system, data, reading, contexts, history, turns, checks, design);
    }

    /** A copy of these settings that compares these systems. */
    public StudyPlanSettings withSystems(StudiedSystem... systems) {
        return new StudyPlanSettings(form, List.of(systems), data, reading, contexts, history, turns, checks, design);
    }

    /** A copy of these settings that draws contexts from these files. */
    public StudyPlanSettings withData(List<Path> data) {
        return new StudyPlanSettings(form, system, data, reading, contexts, history, turns, checks, design);
    }

    /** A copy of these settings with other numbers of contexts and of hidden checks. */
    public StudyPlanSettings withContexts(int contexts, int checks) {
        return new StudyPlanSettings(form, system, data, reading, contexts, history, turns, checks, design);
    }

    /** A copy of these settings with conversations of another length. */
    public StudyPlanSettings withTurns(int turns) {
        return new StudyPlanSettings(form, system, data, reading, contexts, history, turns, checks, design);
    }

    /** A copy of these settings with another design. */
    public StudyPlanSettings withDesign(StudyDesignSettings design) {
        return new StudyPlanSettings(form, system, data, reading, contexts, history, turns, checks, design);
    }
}
