package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchanges;
import io.retort.distill.Personas;
import io.retort.distill.ReplyGeneration;
import io.retort.distill.SourceContexts;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.generate.Decoding;
import io.retort.generate.ReplyCleaning;
import io.retort.ingest.ReadingReport;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Has a teacher answer the contexts of dialogues, several times each: distilled data (data-level G2R). Replies are
 * cleaned; what is dropped is counted by reason and sampled anew. Killed and run again with the same settings, it goes
 * on where it was, to the same bytes.
 */
public final class GenerateJob {
    private final GenerateSettings settings;
    private final Optional<Path> out;

    /** A job whose records are only told to the listener. */
    public GenerateJob(GenerateSettings settings) {
        this(settings, Optional.empty());
    }

    /**
     * A job that writes its records.
     *
     * @param out the JSONL file, gzipped if it ends in {@code .gz}
     */
    public GenerateJob(GenerateSettings settings, Path out) {
        this(settings, Optional.of(out));
    }

    private GenerateJob(GenerateSettings settings, Optional<Path> out) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
        this.out = out;
    }

    /**
     * Asks the teacher that the settings name.
     *
     * @throws BadInput       if a file is not what it should be, or the output is another run's
     * @throws InvalidSetting if a setting is missing
     */
    public RecordsResult run(RetortRuntime runtime, RecordsListener<Distilled> listener) throws IOException {
        LocalTeacherSettings asked = LocalTeacherSettings.defaults().withPrompt(settings.prompt().choice())
                .withHistory(settings.history()).withBatch(settings.batch());
        try (Teacher teacher = TeacherSettings.open(settings.teacher(), settings.server(), asked, settings.weights(),
                out, "/teacher", runtime, listener::noted)) {
            RecordsResult result = run(teacher, listener);
            TeacherSettings.tellUsage(teacher, settings.server(), listener::noted);
            return result;
        }
    }

    /**
     * Has a teacher of the caller's write the replies.
     *
     * @param teacher stays the caller's
     * @throws BadInput if the teacher does not generate, a file is not what it should be, or the output is another
     * run's
     */
    public RecordsResult run(Teacher teacher, RecordsListener<Distilled> listener) throws IOException {
        teacher.requireGenerates();
        unless(!settings.data().isEmpty(), "data", settings.data(), "name files of dialogues");
        ReplyGeneration.Settings how = generation(teacher,
                TeacherRecords.cleaning(out, "/teacher/cleaning", listener)
                        .withoutAssistantTalk(settings.dropAssistantTalk()));
        Exchanges exchanges = Exchanges.standard();
        long most = TeacherSettings.limit(settings.limit());
        SourceContexts.Census census = SourceContexts.census(settings.data(), exchanges, most,
                settings.reading());
        census.reports().forEach(listener::read);
        return new TeacherRecords<>(DistilledFile.FORMAT, census.contexts(), census.skipped(),
                run(how, census.reports())).into(
                        out, listener, (from, effort, done) -> {
                            try (SourceContexts contexts = new SourceContexts(settings.data(), exchanges,
                                    settings.reading())) {
                                new ReplyGeneration(teacher, how).run(TeacherRecords.part(contexts, from, most), effort,
                                        done);
                            }
                        });
    }

    private ReplyGeneration.Settings generation(Teacher teacher, ReplyCleaning cleaning) throws IOException {
        Personas personas = settings.personas().isPresent()
                ? Personas.read(settings.personas().get(), settings.personasPerContext())
                : Personas.none();
        Decoding decoding = settings.decoding().ofReplies();
        Map<String, Object> made = new LinkedHashMap<>(Provenance.of(teacher));
        made.put("decoding", Provenance.of(decoding));
        made.put("constraints", Provenance.of(settings.decoding().constraints()));
        made.put("cleaning", Provenance.of(cleaning));
        if (settings.personas().isPresent()) {
            Map<String, Object> who = new LinkedHashMap<>();
            who.put("sha256", Sha256.of(settings.personas().get()));
            who.put("per_context", personas.perContext());
            made.put("personas", who);
        }
        // Only draws differ when the same is asked again.
        int rounds = decoding instanceof Decoding.Sampling ? settings.rounds() : 1;
        return new ReplyGeneration.Settings(settings.replies(), rounds, settings.withOriginal(), decoding,
                settings.decoding().constraints(), cleaning, personas, made);
    }

    /** Everything that decides the output. Its keys are those of version 0.1, whose interrupted jobs go on. */
    private Map<String, Object> run(ReplyGeneration.Settings how, List<ReadingReport> reports)
            throws IOException {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("job", "generate");
        run.put("teacher", how.teacher());
        run.put("replies", settings.replies());
        run.put("rounds", how.rounds());
        run.put("with_original", settings.withOriginal());
        run.put("limit", settings.limit().orElse(null));
        run.put("data_sha256", TeacherRecords.digests(settings.data()));
        settings.reading().decided(reports).ifPresent(reading -> run.put("reading", reading));
        return run;
    }
}
