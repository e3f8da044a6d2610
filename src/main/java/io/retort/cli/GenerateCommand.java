package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Exchanges;
import io.retort.distill.ReplyGeneration;
import io.retort.distill.SourceContexts;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.GenerationSettings;
import io.retort.generate.Generator;
import io.retort.generate.PromptEncoder;
import io.retort.generate.ReplyCleaning;
import io.retort.generate.Teacher;
import io.retort.graph.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "generate", mixinStandardHelpOptions = true, description = {
    "Has a teacher answer the contexts of dialogues, several times each: distilled data (data-level G2R).",
    "Replies are cleaned; what is dropped is counted by reason and sampled anew."})
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private TeacherOption teacher;
    @Mixin
    private PromptOptions prompt;
    @Mixin
    private DecodingOptions decoding;
    @Mixin
    private JobOptions job;

    @Option(names = {"-d", "--data"}, required = true, arity = "1..*", paramLabel = "FILE",
            description = "Dialogues, ranking tests or distilled data (JSONL, also gzipped).")
    private List<Path> data;

    @Option(names = {"-n", "--replies"}, paramLabel = "N", defaultValue = "10",
            description = "Generated replies a context. Default: ${DEFAULT-VALUE}.")
    private int replies;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N contexts.")
    private Long limit;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "4",
            description = "How often a context is asked at most, if replies are dropped. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--with-original", arity = "0..1", paramLabel = "BOOL", defaultValue = "true",
            fallbackValue = "true",
            description = "Keep what people answered as candidates. Default: ${DEFAULT-VALUE}.")
    private boolean withOriginal;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32",
            description = "Replies that are generated at a time; decides speed and memory, but no text. Default: "
                    + "${DEFAULT-VALUE}.")
    private int batch;

    @Override
    public Integer call() throws IOException {
        Decoding how = decoding.replies();
        if (how instanceof Decoding.Greedy && replies > 1) {
            throw BadInput.of("--greedy gives one reply, and " + replies + " are wanted", "sample, or add -n 1");
        }
        Constraints constraints = decoding.constraints();
        ReplyCleaning cleaning = ReplyCleaning.standard();
        Engine engine = teacher.engine();
        Map<String, Object> made = teacher.provenance(engine);
        made.put("prompt", prompt.provenance());
        made.put("decoding", Provenance.of(how));
        made.put("constraints", Provenance.of(constraints));
        made.put("cleaning", Provenance.of(cleaning));
        var settings = new ReplyGeneration.Settings(replies, prompt.history, rounds(how), withOriginal, made);
        Exchanges exchanges = Exchanges.standard();
        long most = JobOptions.limit(limit);
        SourceContexts.Census census = SourceContexts.census(data, exchanges, most);
        return job.run(
                new JobOptions.Job("generate", "contexts", census.contexts(), run(settings), GenerateCommand::show,
                        census.skipped()),
                (from, tokens, done) -> {
                    try (Teacher open = teacher.open(engine);
                            SourceContexts contexts = new SourceContexts(data, exchanges)) {
                        PromptEncoder encoder = prompt.encoder(open, constraints.maxTokens());
                        Generator generator = new Generator(open.model(), open.tokenizer(),
                                new GenerationSettings(how, constraints, encoder.stops(), batch));
                        new ReplyGeneration(generator, encoder, cleaning, settings).run(
                                JobOptions.part(contexts, from, most),
                                tokens, done);
                    }
                });
    }

    /** Only draws differ when the same is asked again. */
    private int rounds(Decoding how) {
        return how instanceof Decoding.Sampling ? rounds : 1;
    }

    /** Everything that decides the output. */
    private Map<String, Object> run(ReplyGeneration.Settings settings) throws IOException {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("job", "generate");
        run.put("teacher", settings.teacher());
        run.put("replies", replies);
        run.put("rounds", settings.rounds());
        run.put("with_original", withOriginal);
        run.put("limit", limit);
        run.put("data_sha256", JobOptions.digests(data));
        return run;
    }

    private static void show(ObjectNode record) {
        record.path("context").forEach(turn -> System.out.println("  - " + turn.asText()));
        record.path("candidates").forEach(candidate -> System.out.println(
                (candidate.path("source").asText().equals("generated") ? "  = " : "  * ")
                        + candidate.path("text").asText()));
        System.out.println();
    }
}
