package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.RecordReader;
import io.retort.distill.TeacherScoring;
import io.retort.files.BadInput;
import io.retort.generate.LikelihoodScorer;
import io.retort.generate.PromptEncoder;
import io.retort.generate.Teacher;
import io.retort.graph.Engine;
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

@Command(name = "score", mixinStandardHelpOptions = true, description = {
    "Adds a teacher's opinion to each candidate of distilled data: `ll`, the log-likelihood a token, and `mi`, the "
            + "mutual information a token, both in nats (model-level G2R).",
    "How well a teacher judges: `retort eval --teacher`."})
final class ScoreCommand implements Callable<Integer> {
    @Mixin
    private TeacherOption teacher;
    @Mixin
    private PromptOptions prompt;
    @Mixin
    private JobOptions job;

    @Option(names = {"-d", "--data"}, required = true, paramLabel = "FILE",
            description = "Distilled data, as `retort generate` writes it (JSONL, also gzipped).")
    private Path data;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N contexts.")
    private Long limit;

    @Option(names = "--batch-tokens", paramLabel = "N", defaultValue = "" + LikelihoodScorer.DEFAULT_BATCH_TOKENS,
            description = "About how many tokens are computed at a time; decides speed and memory, but no score. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int batchTokens;

    @Override
    public Integer call() throws IOException {
        if (batchTokens < 1) throw BadInput.of("--batch-tokens " + batchTokens, "use 1 or more");
        Engine engine = teacher.engine();
        Map<String, Object> made = teacher.provenance(engine);
        made.put("prompt", prompt.provenance());
        long most = JobOptions.limit(limit);
        long total = count(most);
        return job.run(new JobOptions.Job("score", "contexts", total, run(made), ScoreCommand::show),
                (from, tokens, done) -> {
                    try (Teacher open = teacher.open(engine);
                            RecordReader<Distilled> contexts = DistilledFile.FORMAT.open(data)) {
                        int half = open.model().contextLength() / 2;
                        PromptEncoder encoder = prompt.encoder(open, half);
                        new TeacherScoring(new LikelihoodScorer(open.model(), batchTokens), encoder,
                                new TeacherScoring.Settings(prompt.history, half, made))
                                .run(JobOptions.part(contexts, from, most), entry -> {
                                    tokens.accept(entry.tally().of(TeacherScoring.TOKENS));
                                    done.accept(entry);
                                });
                    }
                });
    }

    /** Reads the file through, so that what is wrong with it shows before long work begins. */
    private long count(long most) throws IOException {
        long count = 0;
        try (RecordReader<Distilled> reader = DistilledFile.FORMAT.open(data)) {
            for (; count < most && reader.hasNext(); count++) reader.next();
        }
        if (count == 0) throw BadInput.in(data, "is empty", "give distilled data");
        return count;
    }

    private Map<String, Object> run(Map<String, Object> made) throws IOException {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("job", "score");
        run.put("scoring", made);
        run.put("limit", limit);
        run.put("data_sha256", JobOptions.digests(List.of(data)));
        return run;
    }

    private static void show(ObjectNode record) {
        record.path("context").forEach(turn -> System.out.println("  - " + turn.asText()));
        record.path("candidates").forEach(candidate -> System.out.println(String.format(Locale.ROOT,
                "  %s LL %6.2f  MI %6.2f  %s", candidate.path("source").asText().equals("generated") ? "=" : "*",
                candidate.path("ll").asDouble(), candidate.path("mi").asDouble(), candidate.path("text").asText())));
        System.out.println();
    }
}
