package io.retort.cli;

import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.RecordFile;
import io.retort.eval.Answers;
import io.retort.eval.DistinctNgrams;
import io.retort.eval.Estimate;
import io.retort.eval.Interval;
import io.retort.eval.Latency;
import io.retort.eval.RankingCases;
import io.retort.eval.RankingReport;
import io.retort.eval.RankingRun;
import io.retort.eval.ReplyLength;
import io.retort.files.BadInput;
import io.retort.model.ModelFolder;
import io.retort.model.RetrievalModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
    private Output output;

    @Option(names = {"-d", "--data"}, required = true, paramLabel = "FILE",
            description = "The test, JSONL, also gzipped.")
    private Path data;

    @Option(names = "--history", paramLabel = "N", defaultValue = "4",
            description = "Newest turns of a context that count. Default: ${DEFAULT-VALUE}.")
    private int history;

    @Option(names = "--candidates", paramLabel = "N", defaultValue = "20",
            description = "With dialogues: candidates of a context, the right one included. Default: ${DEFAULT-VALUE}.")
    private int candidates;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "With dialogues: draws the candidates. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N contexts.")
    private Integer limit;

    @Option(names = {"-i", "--index"}, paramLabel = "FILE",
            description = "Measure latency, Dist-n and length on replies out of this index instead of each test's "
                    + "own candidates.")
    private Path index;

    @Option(names = "--latency-contexts", paramLabel = "N", defaultValue = "200",
            description = "Contexts that are answered one at a time for the latency; with --index, all are. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int timed;

    @Override
    public Integer call() throws IOException {
        if (limit != null && limit < 1) throw BadInput.of("--limit " + limit, "use 1 or more");
        if (timed < 1) throw BadInput.of("--latency-contexts " + timed, "use 1 or more");
        ModelFolder folder = model.folder();
        List<RankingCase> cases = cases();
        if (index == null) {
            try (RetrievalModel loaded = model.load(folder)) {
                RankingRun run = rank(loaded, cases);
                List<RankingCase> first = cases.subList(0, Math.min(timed, cases.size()));
                print(folder, run.report(), run.chosen(), Answers.to(first, run::choose).latency());
            }
        } else {
            try (OpenIndex open = OpenIndex.open(model, folder, index, search)) {
                RankingRun run = rank(open.model(), cases);
                Answers answers = Answers.to(cases,
                        c -> open.replier().reply(c.context(), 1).ranked().getFirst().text());
                print(folder, run.report(), answers.replies(), answers.latency());
            }
        }
        return 0;
    }

    private RankingRun rank(RetrievalModel loaded, List<RankingCase> cases) {
        try (ProgressLine progress = new ProgressLine("eval", "texts")) {
            return RankingRun.of(loaded, cases, progress);
        }
    }

    private List<RankingCase> cases() throws IOException {
        List<RankingCase> all = switch (RecordFile.sniff(data)) {
            case RankingFile format -> format.readAll(data).stream()
                    .map(c -> new RankingCase(c.id(), c.context().latest(history), c.positive(), c.adversarial(),
                            c.random()))
                    .toList();
            case DialogueFile format -> {
                if (candidates < 2) throw BadInput.of("--candidates " + candidates, "use 2 or more");
                Exchanges exchanges = Exchanges.standard().withHistory(history);
                yield new RankingCases(exchanges, candidates - 1, seed).of(format.readAll(data)).toList();
            }
            case DistilledFile _ -> throw BadInput.in(data, "is distilled data, which has no wrong candidates",
                    "give a ranking test or dialogues");
        };
        return limit == null || limit >= all.size() ? all : all.subList(0, limit);
    }

    private void print(ModelFolder folder, RankingReport report, List<String> chosen, Latency latency) {
        Map<String, Object> values = new LinkedHashMap<>(report.values());
        put(values, "dist-2", new DistinctNgrams(2).of(chosen));
        put(values, "dist-3", new DistinctNgrams(3).of(chosen));
        put(values, "length", new ReplyLength().of(chosen));
        put(values, "latency_p50_ms", millis(latency.p50()));
        put(values, "latency_p99_ms", millis(latency.p99()));
        values.put("model", folder.name());
        values.put("data", data.toString());
        if (output.json) {
            output.json(values);
            return;
        }
        output.line(folder.name() + " on " + data + ", " + report.n() + " contexts");
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
