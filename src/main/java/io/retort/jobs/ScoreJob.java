package io.retort.jobs;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.RecordReader;
import io.retort.distill.TeacherScoring;
import io.retort.files.BadInput;
import io.retort.files.Counters;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adds a teacher's opinion to each candidate of distilled data: {@code ll}, the log-likelihood a token, and {@code mi},
 * the mutual information a token, both in nats (model-level G2R). Killed and run again with the same settings, it goes
 * on where it was, to the same bytes.
 */
public final class ScoreJob {
    private final ScoreSettings settings;
    private final Optional<Path> out;

    /** A job whose records are only told to the listener. */
    public ScoreJob(ScoreSettings settings) {
        this(settings, Optional.empty());
    }

    /**
     * A job that writes its records.
     *
     * @param out the JSONL file, gzipped if it ends in {@code .gz}
     */
    public ScoreJob(ScoreSettings settings, Path out) {
        this(settings, Optional.of(out));
    }

    private ScoreJob(ScoreSettings settings, Optional<Path> out) {
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
                .withHistory(settings.history()).withBatchTokens(settings.batchTokens());
        try (Teacher teacher = TeacherSettings.open(settings.teacher(), settings.server(), asked, settings.weights(),
                out, "/scoring", runtime, listener::noted)) {
            RecordsResult result = run(teacher, listener);
            TeacherSettings.tellUsage(teacher, settings.server(), listener::noted);
            return result;
        }
    }

    /**
     * Has a teacher of the caller's judge the candidates.
     *
     * @param teacher stays the caller's
     * @throws BadInput if the teacher does not judge, a file is not what it should be, or the output is another run's
     */
    public RecordsResult run(Teacher teacher, RecordsListener<Distilled> listener) throws IOException {
        teacher.requireJudges();
        Path data = settings.data().orElseThrow(() -> new InvalidSetting("data", settings.data(), "",
                "name a file of distilled data"));
        Map<String, Object> made = Provenance.of(teacher);
        long most = TeacherSettings.limit(settings.limit());
        LongArrayList costs = costs(data, most);
        return new TeacherRecords<>(DistilledFile.FORMAT, costs.size(), new Counters(), run(data, made)).into(
                out, listener, (from, effort, done) -> {
                    try (RecordReader<Distilled> contexts = DistilledFile.FORMAT.open(data)) {
                        long[] next = {from};
                        new TeacherScoring(teacher, made).run(TeacherRecords.part(contexts, from, most), each -> {
                            effort.tokens(each.tally().of(TeacherScoring.TOKENS));
                            double share = (double) costs.getLong((int) next[0]++) / costs.getLong(costs.size() - 1);
                            effort.worth(share * costs.size() - from);
                            done.accept(each);
                        });
                    }
                });
    }

    /**
     * Reads the file through, so that what is wrong with it shows before long work begins.
     *
     * @return for each context, what it and those before it cost: a letter of the context is read once, one of a
     * candidate twice, with its context and without
     */
    private static LongArrayList costs(Path data, long most) throws IOException {
        LongArrayList costs = new LongArrayList();
        long cost = 0;
        try (RecordReader<Distilled> reader = DistilledFile.FORMAT.open(data)) {
            while (costs.size() < most && reader.hasNext()) {
                Distilled next = reader.next();
                cost += next.context().turns().stream().mapToInt(String::length).sum()
                        + 2 * next.candidates().stream().mapToInt(candidate -> candidate.text().length()).sum();
                costs.add(cost);
            }
        }
        if (costs.isEmpty()) throw BadInput.in(data, "is empty", "give distilled data");
        return costs;
    }

    /** Everything that decides the output. Its keys are those of version 0.1, whose interrupted jobs go on. */
    private Map<String, Object> run(Path data, Map<String, Object> made) throws IOException {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("job", "score");
        run.put("scoring", made);
        run.put("limit", settings.limit().orElse(null));
        run.put("data_sha256", TeacherRecords.digests(List.of(data)));
        return run;
    }
}
