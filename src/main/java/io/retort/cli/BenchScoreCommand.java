package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.ScoringRequest;
import io.retort.generate.TextLanguageModel;
import io.retort.graph.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "score", mixinStandardHelpOptions = true,
        description = "Times a language model that judges candidates of contexts, log P(candidate | context). All are of "
                + "random ids. A call computes all contexts and candidates.")
final class BenchScoreCommand implements Callable<Integer> {
    private static final int MOST = 1 << 16;

    @Mixin
    private LanguageModelOption model;
    @Mixin
    private RunOptions runs = new RunOptions(5);
    @Mixin
    private Output output;

    @Option(names = "--contexts", paramLabel = "N", defaultValue = "8", description = "Default: ${DEFAULT-VALUE}.")
    private int contexts;

    @Option(names = "--candidates", paramLabel = "N", defaultValue = "10",
            description = "Candidates of each. Default: ${DEFAULT-VALUE}.")
    private int candidates;

    @Option(names = "--prompt", paramLabel = "N", defaultValue = "64",
            description = "Tokens of a context. Default: ${DEFAULT-VALUE}.")
    private int prompt;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "16",
            description = "Tokens of a candidate. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(names = "--batch-tokens", paramLabel = "N", defaultValue = "" + LikelihoodScorer.DEFAULT_BATCH_TOKENS,
            description = "Tokens computed at a time, about. Default: ${DEFAULT-VALUE}.")
    private int batchTokens;

    @Override
    public Integer call() throws IOException {
        requireCount("--contexts", contexts);
        requireCount("--candidates", candidates);
        requireCount("--prompt", prompt);
        requireCount("--tokens", tokens);
        requireCount("--batch-tokens", batchTokens);
        Engine engine = model.engine();
        try (TextLanguageModel teacher = model.open(engine)) {
            LikelihoodScorer scorer = new LikelihoodScorer(teacher.model(), batchTokens);
            List<ScoringRequest> requests = requests(teacher.model().vocabularySize());
            double[] sum = new double[1];
            Timings timings = runs.time("score", () -> {
                sum[0] = 0;
                scorer.score(requests.iterator(),
                        scored -> scored.likelihoods().forEach(likelihood -> sum[0] += likelihood.sum()));
            });
            print(teacher, engine, timings, sum[0] / (contexts * candidates * (double) tokens));
        }
        return 0;
    }

    private static void requireCount(String name, int count) {
        if (count < 1 || count > MOST) throw BadInput.of(name + " " + count, "use 1 to " + MOST);
    }

    private List<ScoringRequest> requests(int vocabulary) {
        RandomIds ids = new RandomIds();
        List<ScoringRequest> requests = new ArrayList<>();
        for (int i = 0; i < contexts; i++) {
            int[] context = ids.next(1, prompt, vocabulary).getFirst();
            requests.add(new ScoringRequest("context " + i, context, null, ids.next(candidates, tokens, vocabulary)));
        }
        return requests;
    }

    private void print(TextLanguageModel teacher, Engine engine, Timings timings, double mean) {
        double perSecond = 1e3 * contexts * candidates / timings.median();
        if (!output.json) {
            output.line(String.format(Locale.ROOT,
                    "score %d x (%d + %d x %d) tokens, %s, engine %s, threads %d: %.1f candidates/s; %s", contexts,
                    prompt, candidates, tokens, teacher.name(), engine.name(), model.threads.count(), perSecond,
                    timings));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("candidates_per_s", perSecond);
        facts.put("mean_logprob", mean);
        facts.put("contexts", contexts);
        facts.put("candidates", candidates);
        facts.put("prompt", prompt);
        facts.put("tokens", tokens);
        facts.put("threads", model.threads.count());
        facts.put("model", teacher.name());
        facts.put("engine", engine.name());
        output.json(timings.facts(facts));
    }
}
