package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.distill.ConversationSeeds;
import io.retort.distill.DialogueSynthesis;
import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Continuation;
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
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "synthesize", mixinStandardHelpOptions = true, description = {
    "Has a teacher talk to itself: whole new dialogues from topics, personas and first turns, for who has no logs.",
    "The prompt is a continuation with three header lines: the topic, and who A and B are."})
final class SynthesizeCommand implements Callable<Integer> {
    private static final Pattern TURNS = Pattern.compile("(\\d{1,3})\\.\\.(\\d{1,3})");

    @Mixin
    private TeacherOption teacher;
    @Mixin
    private DecodingOptions decoding;
    @Mixin
    private JobOptions job;

    @Option(names = {"-n", "--dialogues"}, required = true, paramLabel = "N",
            description = "Dialogues to make; those that end too short are left out.")
    private long dialogues;

    @Option(names = "--turns", paramLabel = "N..M", defaultValue = "4..8",
            description = "Turns of a dialogue, at least and at most. Default: ${DEFAULT-VALUE}.")
    private String turns;

    @Option(names = "--topics", paramLabel = "FILE",
            description = "What is talked about, one a line, as it stands after \"about\". Default: a list of Retort's.")
    private Path topics;

    @Option(names = "--personas", paramLabel = "FILE",
            description = "Who talks, one a line, as it stands after a name: \"works nights as a nurse\". Default: a "
                    + "list of Retort's.")
    private Path personas;

    @Option(names = "--openers", paramLabel = "FILE",
            description = "First turns, one a line; {topic} stands for the topic. Default: a list of Retort's.")
    private Path openers;

    @Option(names = "--history", paramLabel = "N", defaultValue = "8",
            description = "Newest turns that the teacher reads. Default: ${DEFAULT-VALUE}.")
    private int history;

    @Option(names = "--attempts", paramLabel = "N", defaultValue = "6",
            description = "How often a turn is sampled at most, if it is dropped. Default: ${DEFAULT-VALUE}.")
    private int attempts;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32",
            description = "Turns that are generated at a time; decides speed and memory, but no text. Default: "
                    + "${DEFAULT-VALUE}.")
    private int batch;

    @Override
    public Integer call() throws IOException {
        if (dialogues < 1) throw BadInput.of("--dialogues " + dialogues, "use 1 or more");
        if (!(decoding.replies() instanceof Decoding.Sampling how)) {
            throw BadInput.of("--greedy and --beam say the same again when a turn is dropped", "sample");
        }
        Constraints constraints = decoding.constraints();
        ReplyCleaning cleaning = ReplyCleaning.standard();
        Engine engine = teacher.engine();
        Map<String, Object> made = teacher.provenance(engine);
        DialogueSynthesis.Settings settings = settings(how, made.get("model").toString());
        ConversationSeeds seeds = ConversationSeeds.of(Optional.ofNullable(topics), Optional.ofNullable(personas),
                Optional.ofNullable(openers));
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("job", "synthesize");
        run.put("teacher", made);
        run.put("decoding", Provenance.of((Decoding) how));
        run.put("constraints", Provenance.of(constraints));
        run.put("cleaning", Provenance.of(cleaning));
        run.put("settings", Provenance.of(settings));
        run.put("seeds", Provenance.of(seeds));
        run.put("dialogues", dialogues);
        return job.run(new JobOptions.Job("synthesize", "dialogues", dialogues, run, SynthesizeCommand::show),
                (from, tokens, done) -> {
                    try (Teacher open = teacher.open(engine)) {
                        int longest = PromptOptions.longest(open, constraints.maxTokens());
                        Function<List<String>, PromptEncoder> prompts = header -> new PromptEncoder(
                                new Continuation(header, open.control()), open.tokenizer(), longest);
                        Generator generator = new Generator(open.model(), open.tokenizer(), new GenerationSettings(how,
                                constraints, Continuation.plain(open.control()).stops(open.tokenizer()), batch));
                        new DialogueSynthesis(generator, prompts, cleaning, seeds, settings).run(from, dialogues,
                                tokens,
                                done);
                    }
                });
    }

    private DialogueSynthesis.Settings settings(Decoding.Sampling how, String model) {
        Matcher range = TURNS.matcher(turns);
        if (!range.matches()) throw BadInput.of("--turns " + turns, "write it as 4..8");
        return new DialogueSynthesis.Settings(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)),
                history,
                attempts, how.seed(), model);
    }

    private static void show(ObjectNode record) {
        record.path("turns").forEach(turn -> System.out.println(
                "  " + turn.path("s").asText() + ": " + turn.path("t").asText()));
        System.out.println();
    }
}
