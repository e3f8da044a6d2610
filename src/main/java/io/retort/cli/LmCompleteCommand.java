package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.Completion;
import io.retort.generate.Decoding;
import io.retort.generate.GenerationRequest;
import io.retort.generate.GenerationSettings;
import io.retort.generate.Generator;
import io.retort.generate.StopRules;
import io.retort.generate.Teacher;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "complete", mixinStandardHelpOptions = true,
        description = "Goes on from a prompt until the model ends the text, or --max-tokens, or --stop. An empty prompt "
                + "stands for the token with which the model begins texts, or else for the one with which it ends them.")
final class LmCompleteCommand implements Callable<Integer> {
    private static final long LONGEST_FILE = 16 << 20;

    @Mixin
    private LanguageModelOption model;
    @Mixin
    private DecodingOptions options;
    @Mixin
    private Output output;

    @ArgGroup(multiplicity = "1")
    private Given given;

    @Option(names = "--stop", paramLabel = "TEXT",
            description = "End before this text, such as $'\\n'; may be given several times.")
    private List<String> stops = List.of();

    /** Where the prompt comes from. */
    private static final class Given {
        @Option(names = {"-p", "--prompt"}, required = true, paramLabel = "TEXT", description = "What to go on from.")
        private String text;

        @Option(names = "--prompt-file", required = true, paramLabel = "FILE",
                description = "The same out of a file in UTF-8, all of it.")
        private Path file;

        String prompt() throws IOException {
            if (text != null) return text;
            if (Files.isDirectory(file)) throw BadInput.in(file, "is a folder", "name a text file");
            if (Files.size(file) > LONGEST_FILE) throw BadInput.in(file, "is too long for a prompt", "shorten it");
            try {
                return Files.readString(file);
            } catch (CharacterCodingException e) {
                throw BadInput.in(file, "is not UTF-8", "convert the file to UTF-8").causedBy(e);
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        Decoding decoding = options.decoding();
        String prompt = given.prompt();
        if (stops.contains("")) throw BadInput.of("--stop with an empty text", "name the text to stop at");
        try (Teacher teacher = model.open()) {
            GenerationSettings settings = new GenerationSettings(decoding, options.constraints(),
                    new StopRules(stops, teacher.endTokens()), decoding.rows());
            Completion completion = new Generator(teacher.model(), teacher.tokenizer(), settings)
                    .generate(new GenerationRequest("prompt", teacher.literalPrompt(prompt), 1)).completions()
                    .getFirst();
            print(completion);
        }
        return 0;
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
