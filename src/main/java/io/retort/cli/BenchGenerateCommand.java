package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.generate.Decoding;
import io.retort.generate.GenerationRequest;
import io.retort.generate.GenerationSettings;
import io.retort.generate.Generator;
import io.retort.generate.StopRules;
import io.retort.generate.TextLanguageModel;
import io.retort.graph.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "generate", mixinStandardHelpOptions = true,
        description = "Times a language model that completes prompts to the full length, greedily or with a beam. Prompts are "
                + "of random ids. A call computes a batch of them, from the prompts' first token to the last generated one.")
final class BenchGenerateCommand implements Callable<Integer> {
    @Mixin
    private LanguageModelOption model;
    @Mixin
    private RunOptions runs = new RunOptions(5);
    @Mixin
    private Output output;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "16",
            description = "Sequences at a time. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--prompt", paramLabel = "N", defaultValue = "64",
            description = "Tokens of a prompt. Default: ${DEFAULT-VALUE}.")
    private int prompt;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "64",
            description = "Tokens generated for each. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(names = "--beam", paramLabel = "N", defaultValue = "1",
            description = "Hypotheses of a beam, with no 3-gram twice in a reply or from its prompt. Default: greedy.")
    private int beam;

    @Override
    public Integer call() throws IOException {
        Engine engine = model.engine();
        try (TextLanguageModel teacher = model.open(engine)) {
            int longest = teacher.model().longestPrompt(1);
            if (prompt < 1 || prompt > longest) throw BadInput.of("--prompt " + prompt, "use 1 to " + longest);
            int most = teacher.model().longestReply(prompt);
            if (tokens < 2 || tokens > most) throw BadInput.of("--tokens " + tokens, "use 2 to " + most);
            List<GenerationRequest> requests = requests(teacher);
            Timings prompts = timings("prompts", teacher, requests, 1);
            print(teacher, engine, prompts, timings("generate", teacher, requests, tokens));
        }
        return 0;
    }

    private List<GenerationRequest> requests(TextLanguageModel teacher) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int[] ids : new RandomIds().next(batch, prompt, teacher.model().vocabularySize())) {
            requests.add(new GenerationRequest("prompt " + requests.size(), ids, 1));
        }
        return requests;
    }

    /** Times the generation of {@code length} tokens; with a length of 1, all there is to compute are the prompts. */
    private Timings timings(String label, TextLanguageModel teacher, List<GenerationRequest> requests, int length) {
        Decoding decoding = beam > 1 ? Decoding.Beam.of(beam) : new Decoding.Greedy();
        Constraints constraints = beam > 1
                ? new Constraints(length, 0, 1,
                        List.of(new NgramBlock(3, Where.REPLY), new NgramBlock(3, Where.PROMPT)))
                : Constraints.atMost(length);
        Generator generator = new Generator(teacher.model(), teacher.tokenizer(), new GenerationSettings(decoding,
                constraints, new StopRules(List.of(), Set.of()), batch * Math.max(1, beam)));
        return runs.time(label, () -> generator.generate(requests.iterator(), _ -> {}));
    }

    private void print(TextLanguageModel teacher, Engine engine, Timings prompts, Timings whole) {
        double perSecond = 1e3 * batch * tokens / whole.median();
        double afterPrompts = 1e3 * batch * (tokens - 1) / (whole.median() - prompts.median());
        if (!output.json) {
            output.line(String.format(Locale.ROOT,
                    "generate %d x (%d + %d) tokens, %s, %s, engine %s, threads %d: %.1f tokens/s, prompts %.1f ms, then "
                            + "%.1f tokens/s; %s",
                    batch, prompt, tokens, beam > 1 ? "beam " + beam : "greedy", teacher.name(), engine.name(),
                    model.threads.count(), perSecond,
                    prompts.median(), afterPrompts, whole));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("tokens_per_s", perSecond);
        facts.put("prompt_ms", prompts.median());
        facts.put("tokens_per_s_after_prompt", afterPrompts);
        facts.put("batch", batch);
        facts.put("prompt", prompt);
        facts.put("tokens", tokens);
        facts.put("beam", beam);
        facts.put("threads", model.threads.count());
        facts.put("model", teacher.name());
        facts.put("engine", engine.name());
        output.json(whole.facts(facts));
    }
}
