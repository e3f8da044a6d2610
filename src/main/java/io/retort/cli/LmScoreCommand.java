package io.retort.cli;

import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;
import io.retort.generate.Likelihood;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.Scored;
import io.retort.generate.ScoringRequest;
import io.retort.generate.TextLanguageModel;
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

@Command(name = "score", mixinStandardHelpOptions = true,
        description = "How likely a model finds continuations of prompts: for each pair, in order, a line with log "
                + "P(continuation | prompt) in nats and the continuation's tokens. Prompt and continuation are turned "
                + "into tokens separately and joined. An empty prompt stands for the token with which the model begins "
                + "texts, or else for the one with which it ends them. Pairs of one prompt should follow one another: "
                + "it is then computed once.")
final class LmScoreCommand implements Callable<Integer> {
    private static final String CONTINUATION = "continuation";

    @Mixin
    private LanguageModelOption model;
    @Mixin
    private Output output;

    @Option(names = {"-d", "--data"}, required = true, paramLabel = "FILE",
            description = "Pairs, one a line: {\"prompt\": TEXT, \"continuation\": TEXT}.")
    private Path data;

    private long scored;

    @Override
    public Integer call() throws IOException {
        // A file that is not there is told before the model is loaded.
        try (JsonLines lines = JsonLines.open(data);
                TextLanguageModel teacher = model.open();
                ProgressLine progress = new ProgressLine("score", "pairs")) {
            new LikelihoodScorer(teacher.model(), LikelihoodScorer.DEFAULT_BATCH_TOKENS)
                    .score(lines.stream().map(line -> request(teacher, line)).iterator(), pair -> {
                        print(pair);
                        progress.update(++scored, -1);
                    });
        }
        return 0;
    }

    private static ScoringRequest request(TextLanguageModel teacher, JsonRecord line) {
        int[] prompt = teacher.literalPrompt(line.text("prompt"));
        int[] continuation = teacher.tokenizer().encode(line.text(CONTINUATION));
        if (continuation.length == 0)
            throw line.fault(CONTINUATION, "has no tokens", "give it a text or remove the line");
        return new ScoringRequest(line.file() + ":" + line.line(), prompt, null, List.of(continuation));
    }

    private void print(Scored pair) {
        Likelihood likelihood = pair.likelihoods().getFirst();
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("logprob", likelihood.sum());
            facts.put("tokens", likelihood.given().length);
            output.json(facts);
        } else {
            output.line(
                    String.format(Locale.ROOT, "%.4f nats, %d tokens", likelihood.sum(), likelihood.given().length));
        }
    }
}
