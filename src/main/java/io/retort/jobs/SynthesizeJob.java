package io.retort.jobs;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.distill.ConversationSeeds;
import io.retort.distill.DialogueSynthesis;
import io.retort.files.BadInput;
import io.retort.files.Counters;
import io.retort.generate.Decoding;
import io.retort.generate.PromptChoice;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Has a teacher talk to itself: whole new dialogues from topics, personas and first turns, for who has no logs. Killed
 * and run again with the same settings, it goes on where it was, to the same bytes.
 */
public final class SynthesizeJob {
    private final SynthesizeSettings settings;
    private final Optional<Path> out;

    /** A job whose records are only told to the listener. */
    public SynthesizeJob(SynthesizeSettings settings) {
        this(settings, Optional.empty());
    }

    /**
     * A job that writes its records.
     *
     * @param out the JSONL file, gzipped if it ends in {@code .gz}
     */
    public SynthesizeJob(SynthesizeSettings settings, Path out) {
        this(settings, Optional.of(out));
    }

    private SynthesizeJob(SynthesizeSettings settings, Optional<Path> out) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
        this.out = out;
    }

    /**
     * Has the teacher that the settings name write the dialogues, as continuations.
     *
     * @throws BadInput       if a file is not what it should be, or the output is another run's
     * @throws InvalidSetting if a setting is missing
     */
    public RecordsResult run(RetortRuntime runtime, RecordsListener<Dialogue> listener) throws IOException {
        LocalTeacherSettings asked = LocalTeacherSettings.defaults().withPrompt(PromptChoice.usual())
                .withHistory(settings.history()).withBatch(settings.batch());
        try (Teacher teacher = TeacherSettings.open(settings.teacher(), settings.server(), asked, settings.weights(),
                out, "/teacher", runtime, listener::noted)) {
            Map<String, Object> made = Provenance.of(teacher);
            // The form is always this one, and the history stands among the settings.
            made.remove("prompt");
            RecordsResult result = run(teacher, made, listener);
            TeacherSettings.tellUsage(teacher, settings.server(), listener::noted);
            return result;
        }
    }

    /**
     * Has a teacher of the caller's write the dialogues.
     *
     * @param teacher stays the caller's
     * @throws BadInput if the teacher does not generate, a file is not what it should be, or the output is another
     * run's
     */
    public RecordsResult run(Teacher teacher, RecordsListener<Dialogue> listener) throws IOException {
        return run(teacher, Provenance.of(teacher), listener);
    }

    private RecordsResult run(Teacher teacher, Map<String, Object> made, RecordsListener<Dialogue> listener)
            throws IOException {
        teacher.requireGenerates();
        long dialogues = settings.dialogues().orElseThrow(() -> new InvalidSetting("dialogues", settings.dialogues(),
                "", "say how many to make"));
        Decoding decoding = settings.decoding().ofReplies();
        DialogueSynthesis.Settings how = new DialogueSynthesis.Settings(settings.turns(), settings.attempts(),
                settings.decoding().seed(), decoding, settings.decoding().constraints(),
                TeacherRecords.cleaning(out, "/cleaning", listener));
        ConversationSeeds seeds = ConversationSeeds.of(settings.topics(), settings.personas(), settings.openers());
        return new TeacherRecords<>(DialogueFile.FORMAT, dialogues, new Counters(),
                run(teacher.name(), made, how, seeds, dialogues)).into(out, listener,
                        (from, effort, done) -> new DialogueSynthesis(teacher, seeds, how).run(from, dialogues, effort,
                                done));
    }

    /** Everything that decides the output. Its keys are those of version 0.1, whose interrupted jobs go on. */
    private Map<String, Object> run(String name, Map<String, Object> made, DialogueSynthesis.Settings how,
            ConversationSeeds seeds, long dialogues) {
        Map<String, Object> talks = new LinkedHashMap<>();
        talks.put("fewestTurns", how.turns().fewest());
        talks.put("mostTurns", how.turns().most());
        talks.put("history", settings.history());
        talks.put("attempts", how.attempts());
        talks.put("seed", how.seed());
        talks.put("teacher", name);
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("job", "synthesize");
        run.put("teacher", made);
        run.put("decoding", Provenance.of(how.decoding()));
        run.put("constraints", Provenance.of(how.constraints()));
        run.put("cleaning", Provenance.of(how.cleaning()));
        run.put("settings", talks);
        run.put("seeds", Provenance.of(seeds));
        run.put("dialogues", dialogues);
        return run;
    }
}
