package io.retort.jobs;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.ResponseFile;
import io.retort.distill.TeacherScore;
import io.retort.eval.RankingCases;
import io.retort.eval.RankingRun;
import io.retort.eval.TeacherJudgement;
import io.retort.eval.TimedAnswers;
import io.retort.fetch.ModelCatalog;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.jobs.EvaluateResult.RankingMetrics;
import io.retort.jobs.EvaluateResult.OfModel;
import io.retort.jobs.EvaluateResult.OfTeacher;
import io.retort.reply.ModelOfIndex;
import io.retort.reply.ModelResponder;
import io.retort.reply.ResponderSettings;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RetortRuntime;
import io.retort.settings.InvalidSetting;
import io.retort.store.ModelFolder;
import io.retort.teacher.LocalTeacherSettings;
import io.retort.teacher.Teacher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Ranks candidate replies and measures how often the right one wins. The data are a ranking test, or dialogues, of
 * which each reply is ranked among random others.
 */
public final class EvaluateJob {
    private static final int USUAL_LATENCY_CONTEXTS = 200;

    private final EvaluateSettings settings;

    /** Prepares an evaluation with these settings; nothing is read yet. */
    public EvaluateJob(EvaluateSettings settings) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
    }

    /** Is told how an evaluation goes, on the thread that runs it. */
    public interface Listener extends Progress {
        /** A listener that ignores everything, for callers that do not watch. */
        Listener NONE = (_, _) -> {
        };

        /** Called with a sentence for people about what is odd in the data, though no mistake. */
        default void noted(String note) {
        }
    }

    /**
     * Measures the retrieval model, or the language model, that the settings name.
     *
     * @param listener its progress counts texts of a retrieval model, contexts of a teacher
     * @throws BadInput       if a file is not what it should be
     * @throws InvalidSetting if a setting is missing, or of the other kind of model
     */
    public EvaluateResult run(RetortRuntime runtime, Listener listener) throws IOException {
        if (settings.teacher().isEmpty()) return model(runtime, listener);
        List<RankingCase> cases = cases(listener);
        LocalTeacherSettings asked = LocalTeacherSettings.defaults().withPrompt(settings.prompt().choice())
                .withHistory(settings.history());
        long started = System.nanoTime();
        try (Teacher teacher = TeacherSettings.open(settings.teacher(), settings.server(), asked, settings.weights(),
                Optional.empty(), "", runtime, listener::noted)) {
            teacher.requireJudges();
            OfTeacher judged = judged(teacher, cases, started, listener);
            TeacherSettings.tellUsage(teacher, settings.server(), listener::noted);
            return judged;
        }
    }

    /**
     * Measures a teacher as a judge.
     *
     * @param teacher  stays the caller's
     * @param listener its progress counts contexts
     * @throws BadInput if the teacher does not judge, or a file is not what it should be
     */
    public OfTeacher run(Teacher teacher, Listener listener) throws IOException {
        teacher.requireJudges();
        return judged(teacher, cases(listener), System.nanoTime(), listener);
    }

    private OfTeacher judged(Teacher teacher, List<RankingCase> cases, long started, Listener listener) {
        TeacherJudgement judgement = TeacherJudgement.of(teacher, cases, listener);
        Duration time = Duration.ofNanos(System.nanoTime() - started);
        SequencedMap<TeacherScore, RankingMetrics> metrics = new LinkedHashMap<>();
        TeacherScore first = settings.by().orElse(TeacherScore.MI);
        metrics.put(first, metrics(judgement, first));
        for (TeacherScore other : TeacherScore.values()) metrics.putIfAbsent(other, metrics(judgement, other));
        return new OfTeacher(teacher.name(), metrics, time);
    }

    private static RankingMetrics metrics(TeacherJudgement judgement, TeacherScore score) {
        return RankingMetrics.of(judgement.report(score), judgement.chosen(score));
    }

    private OfModel model(RetortRuntime runtime, Listener listener) throws IOException {
        settings.requireNothingOfATeacher();
        ModelFolder folder = settings.model().isEmpty() && settings.index().isPresent()
                ? ModelOfIndex.find(settings.index().get(), listener::noted)
                : ModelLookup.find(settings.model().orElse(ModelCatalog.DEFAULT), listener::noted);
        List<RankingCase> cases = cases(listener);
        return settings.index().isEmpty()
                ? overCandidates(folder, cases, runtime, listener)
                : overIndex(folder, cases, runtime, listener);
    }

    private OfModel overCandidates(ModelFolder folder, List<RankingCase> cases, RetortRuntime runtime,
            Listener listener) throws IOException {
        try (RetrievalModel model = folder.load(ComputeRuntime.of(runtime).engine())) {
            RankingRun run = RankingRun.of(model, cases, listener);
            int timed = settings.latencyContexts().orElse(USUAL_LATENCY_CONTEXTS);
            List<RankingCase> first = cases.subList(0, Math.min(timed, cases.size()));
            return new OfModel(folder.name(), RankingMetrics.of(run.report(), run.chosen()),
                    TimedAnswers.to(first, run::choose).latency());
        }
    }

    private OfModel overIndex(ModelFolder folder, List<RankingCase> cases, RetortRuntime runtime, Listener listener)
            throws IOException {
        ResponderSettings search = ResponderSettings.defaults().withEchoes(true);
        if (settings.search().isPresent()) search = search.withSearch(settings.search().get());
        try (ModelResponder responder = ModelResponder.open(runtime, folder, settings.index().orElseThrow(), search)) {
            RankingRun run = RankingRun.of(responder.model(), cases, listener);
            TimedAnswers answers = TimedAnswers.to(cases, ranking -> responder.reply(ranking.context(), 1).text());
            return new OfModel(folder.name(), RankingMetrics.of(run.report(), answers.replies()), answers.latency());
        }
    }

    /** Reads the test that the settings name. */
    List<RankingCase> cases(Listener listener) throws IOException {
        Path data = settings.data().orElseThrow(() -> new InvalidSetting("data", settings.data(), "",
                "name a ranking test or dialogues"));
        SourceFile source = SourceFile.recognise(data, settings.reading());
        List<RankingCase> all = switch (source.form()) {
            case RankingFile format -> format.readAll(data).stream()
                    .map(ranking -> ranking.withHistory(settings.history()))
                    .map(ranking -> settings.positives().map(ranking::withPositives).orElse(ranking)).toList();
            case DialogueFile _ -> {
                Exchanges exchanges = Exchanges.standard().withHistory(settings.history());
                List<Exchange> pool = exchanges(source, exchanges, listener);
                RankingCases asked = new RankingCases(exchanges, settings.candidates() - 1, settings.seed());
                RankingCases fitting = asked.within(pool);
                if (fitting.negatives() < asked.negatives()) {
                    listener.noted(String.format(Locale.ROOT,
                            "%s: each context has %,d candidates instead of %,d: there "
                                    + "are no more different replies",
                            data, fitting.negatives() + 1, settings.candidates()));
                }
                yield fitting.among(pool).toList();
            }
            case ResponseFile _ -> throw BadInput.in(data, "holds replies without contexts",
                    "give a ranking test or dialogues");
            case DistilledFile _ -> throw BadInput.in(data, "is distilled data, which has no wrong candidates",
                    "give a ranking test or dialogues");
        };
        List<RankingCase> used = all.subList(0, Math.min(all.size(), settings.limit().orElse(Integer.MAX_VALUE)));
        noteCopies(data, used, listener);
        return used;
    }

    private static List<Exchange> exchanges(SourceFile source, Exchanges rules, Listener listener) throws IOException {
        List<Exchange> all = new ArrayList<>();
        try (SourceReader<Dialogue> reader = source.dialogues()) {
            reader.forEachRemaining(dialogue -> reader.speakers().of(dialogue, rules).of(dialogue).forEach(all::add));
            if (reader.records() == 0) throw BadInput.in(source.file(), "has no dialogue", "give dialogues");
            if (reader.report().isNews()) listener.noted(reader.report().sentence());
        }
        return all;
    }

    private static void noteCopies(Path data, List<RankingCase> cases, Listener listener) {
        long contexts = cases.stream().filter(ranking -> ranking.copies() > 0).count();
        if (contexts == 0) return;
        int copies = cases.stream().mapToInt(RankingCase::copies).sum();
        listener.noted(String.format(Locale.ROOT, "%s: %,d of the wrong replies are copies of a right one "
                + "(%,d of %,d contexts); they are left out", data, copies, contexts, cases.size()));
    }
}
