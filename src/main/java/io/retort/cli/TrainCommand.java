package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "train", mixinStandardHelpOptions = true,
        description = {
            "Trains a model: a retrieval student, on dialogues or on what a teacher made of them; or with --task "
                    + "generator a teacher, a language model, on dialogues.",
            "Killed or stopped by Ctrl-C, it goes on with --resume to the same weights, bit for bit. The folder holds "
                    + "the model in the end, and in training/ its settings, metrics (JSONL and TensorBoard) and, while "
                    + "it trains, checkpoints."},
        footer = {"", "Say:  retort train --method g2r-dm --data distilled.jsonl --out student",
            "Say:  retort train --task generator --model MODEL.gguf --data talks.jsonl --out teacher"})
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private SingleRunOptions options;
    @Mixin
    private ConfigOptions settings;
    @Mixin
    private Output output;
    @Spec
    private CommandSpec spec;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR", description = "The folder to train in, new or empty.")
    private Path out;

    @Option(names = "--resume", description = "Go on with the run in the folder, if there is one.")
    private boolean resume;

    @Override
    public Integer call() throws Exception {
        TrainOptions.Effective effective = effective();
        if (settings.printed(output, effective.config())) return 0;
        if (out == null) throw BadInput.of("--out is missing", "name a folder to train in");
        print(output, new TrainingJob(effective, out, resume).run(_ -> {}));
        return 0;
    }

    private TrainOptions.Effective effective() throws IOException {
        return TrainOptions.of(settings.file(), spec.commandLine().getParseResult().matchedOptions());
    }

    static void print(Output output, TrainingResult result) {
        if (output.json) output.json(facts(result));
        else
            output.line(result.model() + ": " + result.ending().name().toLowerCase(Locale.ROOT) + " after "
                    + String.format(Locale.ROOT, "%,d steps, %.0f s", result.steps(), result.seconds())
                    + result.best().map(best -> String.format(Locale.ROOT, "; best at step %,d: %s %.4f", best.step(),
                            best.metrics().firstEntry().getKey(), best.metric())).orElse(""));
    }

    static Map<String, Object> facts(TrainingResult result) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("model", result.model().toString());
        facts.put("ending", result.ending().name().toLowerCase(Locale.ROOT));
        facts.put("steps", result.steps());
        facts.put("seconds", result.seconds());
        result.best().ifPresent(best -> {
            facts.put("best_step", best.step());
            facts.put("best", best.metrics());
        });
        return facts;
    }
}
