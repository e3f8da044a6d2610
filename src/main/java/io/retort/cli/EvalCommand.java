package io.retort.cli;

import io.retort.dialogue.RankingCase;
import io.retort.distill.TeacherScore;
import io.retort.eval.Answers;
import io.retort.eval.DistinctNgrams;
import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Latency;
import io.retort.eval.RankingReport;
import io.retort.eval.RankingRun;
import io.retort.eval.ReplyLength;
import io.retort.eval.TeacherJudgement;
import io.retort.files.BadInput;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.Teacher;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.Searches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "eval", mixinStandardHelpOptions = true, description = {
    "Ranks candidate replies and measures how often the right one wins, with 95%% intervals.",
    "Data: a ranking test (context, positive, adversarial, random), or dialogues, of which each reply is ranked "
            + "among random others."})
final class EvalCommand implements Callable<Integer> {
    @Mixin
    private ModelOption model;
    @Mixin
    private SearchOptions search;
    @Mixin
    private RankingOptions ranking;
    @Mixin
    private PromptOptions prompt;
    @Mixin
    private Output output;

    @Option(names = "--teacher", paramLabel = "FILE|DIR",
            description = "Measure this language model as a judge of the candidates, by the likelihood and the mutual "
                    + "information that it gives them, instead of a retrieval model.")
    private Path teacher;

    @Option(names = "--by", paramLabel = "SCORE",
            description = "With --teacher: whose figures stand first, LL or MI; both are measured. Default: MI.")
    private TeacherScore by;

    @Option(names = {"-i", "--index"}, paramLabel = "FILE",
            description = "Measure latency, Dist-n and length on replies out of this index instead of each test's "
                    + "own candidates.")
    private Path index;

    @Option(names = "--latency-contexts", paramLabel = "N", defaultValue = "200",
            description = "Contexts that are answered one at a time for the latency; with --index, all are. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int timed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (timed < 1) throw BadInput.of("--latency-contexts " + timed, "use 1 or more");
        if (teacher != null) {
            refuse("is no option of a teacher", "leave out --teacher or this", "--model", "--index", "--search",
                    "--latency-contexts");
            judge();
            return 0;
        }
        refuse("is an option of a teacher", "add --teacher", "--by", "--prompt", "--instruction", "--persona");
        ModelFolder folder = model.folder();
        List<RankingCase> cases = ranking.cases(prompt.history);
        if (index == null) {
            try (RetrievalModel loaded = model.load(folder)) {
                RankingRun run = rank(loaded, cases);
                List<RankingCase> first = cases.subList(0, Math.min(timed, cases.size()));
                print(folder, run.report(), run.chosen(), Answers.to(first, run::choose).latency());
            }
        } else {
            try (Responder responder = Responder.open(model.runtime(), folder, index,
                    search.settings(Searches.MANY))) {
                RankingRun run = rank(responder.model(), cases);
                Answers answers = Answers.to(cases, c -> responder.reply(c.context(), 1).text());
                print(folder, run.report(), answers.replies(), answers.latency());
            }
        }
        return 0;
    }

    private void refuse(String why, String remedy, String... options) {
        for (String option : options) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw BadInput.of(option + " " + why, remedy);
            }
        }
    }

    private void judge() throws IOException {
        List<RankingCase> cases = ranking.cases(prompt.history);
        long started = System.nanoTime();
        try (Teacher open = Teacher.open(teacher, model.engine())) {
            TeacherJudgement judgement = judge(open, cases);
            print(open.name(), judgement, (System.nanoTime() - started) / 1e9);
        }
    }

    private TeacherJudgement judge(Teacher open, List<RankingCase> cases) {
        int half = open.model().contextLength() / 2;
        var scorer = new LikelihoodScorer(open.model(), LikelihoodScorer.DEFAULT_BATCH_TOKENS);
        try (ProgressLine progress = new ProgressLine("eval", "contexts")) {
            return TeacherJudgement.of(scorer, prompt.encoder(open, half), half, cases, progress);
        }
    }

    private void print(String name, TeacherJudgement judgement, double seconds) {
        TeacherScore first = by == null ? TeacherScore.MI : by;
        Map<TeacherScore, Map<String, Object>> marks = new LinkedHashMap<>();
        marks.put(first, marks(judgement, first));
        for (TeacherScore other : TeacherScore.values()) marks.putIfAbsent(other, marks(judgement, other));
        Map<String, Object> values = new LinkedHashMap<>(marks.get(first));
        values.put("by", first.key());
        marks.forEach((score, measured) -> values.put(score.key(), measured));
        values.put("prompt", prompt.provenance());
        values.put("seconds", seconds);
        values.put("model", name);
        values.put("data", ranking.data.toString());
        if (output.json) {
            output.json(values);
            return;
        }
        output.line(String.format(Locale.ROOT, "%s on %s, %d contexts, %.1f s", name, ranking.data,
                judgement.report(first).n(), seconds));
        marks.forEach((score, measured) -> {
            output.line("by " + score);
            rows(measured);
        });
    }

    private static Map<String, Object> marks(TeacherJudgement judgement, TeacherScore score) {
        Map<String, Object> values = new LinkedHashMap<>(judgement.report(score).values());
        putTexts(values, judgement.chosen(score));
        return values;
    }

    private static void putTexts(Map<String, Object> values, List<String> chosen) {
        put(values, "dist-2", new DistinctNgrams(2).of(chosen));
        put(values, "dist-3", new DistinctNgrams(3).of(chosen));
        put(values, "length", new ReplyLength().of(chosen));
    }

    private RankingRun rank(RetrievalModel loaded, List<RankingCase> cases) {
        try (ProgressLine progress = new ProgressLine("eval", "texts")) {
            return RankingRun.of(loaded, cases, progress);
        }
    }

    private void print(ModelFolder folder, RankingReport report, List<String> chosen, Latency latency) {
        Map<String, Object> values = new LinkedHashMap<>(report.values());
        putTexts(values, chosen);
        put(values, "latency_p50_ms", millis(latency.p50()));
        put(values, "latency_p99_ms", millis(latency.p99()));
        values.put("model", folder.name());
        values.put("data", ranking.data.toString());
        if (output.json) {
            output.json(values);
            return;
        }
        output.line(folder.name() + " on " + ranking.data + ", " + report.n() + " contexts");
        rows(values);
    }

    private void rows(Map<String, Object> values) {
        for (String key : values.keySet()) {
            if (values.get(key) instanceof Double value) output.line(row(key, value, values.get(key + "_ci")));
        }
    }

    private static void put(Map<String, Object> values, String key, Estimate estimate) {
        values.put(key, estimate.value());
        values.put(key + "_ci", List.of(estimate.interval().low(), estimate.interval().high()));
    }

    private static Estimate millis(Estimate nanos) {
        return new Estimate(nanos.value() / 1e6,
                new Interval(nanos.interval().low() / 1e6, nanos.interval().high() / 1e6));
    }

    private static String row(String key, double value, Object interval) {
        String text = String.format(Locale.ROOT, "  %-16s %8.4f", key, value);
        return interval instanceof List<?> ends
                ? text + String.format(Locale.ROOT, "   [%.4f, %.4f]", ends.get(0), ends.get(1))
                : text;
    }
}
