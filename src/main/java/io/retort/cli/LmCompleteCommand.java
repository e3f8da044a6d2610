package io.retort.cli;

import io.retort.files.TextFile;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.jobs.DecodingSettings;
import io.retort.generate.Completion;
import io.retort.generate.Decoding;
import io.retort.generate.GenerationRequest;
import io.retort.generate.GenerationSettings;
import io.retort.generate.Generator;
import io.retort.generate.StopRules;
import io.retort.generate.TextLanguageModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "complete", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = "Goes on from prompts until the model ends the text, or --max-tokens, or --stop. An empty prompt "
                + "stands for the token with which the model begins texts, or else for the one with which it ends them.")
final class LmCompleteCommand implements SettingsOptions.Configured, Callable<Integer> {
    private static final int LONGEST_FILE = 16 << 20;
    private static final int BATCH = 16;

    @Mixin
    private LanguageModelOption model;
    private final SettingsOptions options = SettingsOptions.of(DecodingSettings.class);

    @Mixin
    private Output output;

    @ArgGroup(multiplicity = "1")
    private Given given;

    @Option(names = "--stop", paramLabel = "TEXT",
            description = "End before this text, such as $'\\n'; may be given several times.")
    private List<String> stops = List.of();

    private long completed;

    /** A prompt with a name that messages call it by. */
    private record GivenPrompt(String id, String text) {
    }

    /** Options that say where prompts come from: the command line or a file. */
    private static final class Given {
        @Option(names = {"-p", "--prompt"}, required = true, paramLabel = "TEXT", description = "What to go on from.")
        private String text;

        @Option(names = "--prompt-file", required = true, paramLabel = "FILE",
                description = "The same out of a file in UTF-8, all of it.")
        private Path file;

        @Option(names = {"-d", "--data"}, required = true, paramLabel = "FILE",
                description = "Prompts, one a line: {\"prompt\": TEXT}.")
        private Path data;

        /** Opens the prompts, so that a file that is not there is told before the model is loaded. */
        Stream<GivenPrompt> prompts() throws IOException {
            if (data == null) return Stream.of(new GivenPrompt("prompt", text == null ? read() : text));
            return JsonLines.open(data).stream()
                    .map(line -> new GivenPrompt(line.file() + ":" + line.line(), line.text("prompt")));
        }

        private String read() throws IOException {
            return TextFile.read(file, LONGEST_FILE);
        }
    }

    @Override
    public SettingsOptions settings() {
        return options;
    }

    @Override
    public Integer call() throws IOException {
        DecodingSettings how = options.get(DecodingSettings.class);
        Decoding decoding = how.ofTexts();
        if (stops.contains("")) throw BadInput.of("--stop with an empty text", "name the text to stop at");
        try (Stream<GivenPrompt> prompts = given.prompts();
                TextLanguageModel teacher = model.open();
                ProgressLine progress = new ProgressLine("complete", "prompts")) {
            GenerationSettings settings = new GenerationSettings(decoding, how.constraints(),
                    new StopRules(stops, teacher.endTokens()), Math.max(BATCH, decoding.rows()));
            new Generator(teacher.model(), teacher.tokenizer(), settings)
                    .generate(prompts.map(prompt -> request(teacher, prompt)).iterator(), generation -> {
                        print(generation.completions().getFirst());
                        progress.update(++completed, -1);
                    });
        }
        return 0;
    }

    private static GenerationRequest request(TextLanguageModel teacher, GivenPrompt prompt) {
        return new GenerationRequest(prompt.id, teacher.literalPrompt(prompt.text), 1);
    }

    private void print(Completion completion) {
        if (!output.json) {
            output.line(completion.text());
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("text", completion.text());
        facts.put("tokens", completion.tokens().length);
        output.json(facts);
    }
}
