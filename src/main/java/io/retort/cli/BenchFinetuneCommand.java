package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.model.LanguageModelFiles;
import io.retort.model.TrainableDecoder;
import io.retort.model.TrainingText;
import io.retort.simd.WorkerPool;
import io.retort.train.AdamW;
import io.retort.train.OptimizerState;
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

@Command(name = "finetune", mixinStandardHelpOptions = true,
        description = "Times a step of tuning a language model: forward, backward, AdamW over all weights, embedding "
                + "tables included. Texts are of random ids, every token but the first a target. No file is changed.")
final class BenchFinetuneCommand implements Callable<Integer> {
    /** Losses that are told, for comparison. */
    private static final int TOLD = 5;

    @Mixin
    private LanguageModelOption model;
    @Mixin
    private RunOptions runs = new RunOptions(5);
    @Mixin
    private Output output;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "12",
            description = "Texts at a time. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--length", paramLabel = "N", defaultValue = "160",
            description = "Tokens of a text. Default: ${DEFAULT-VALUE}.")
    private int length;

    @Option(names = "--learning-rate", paramLabel = "R", defaultValue = "1e-5",
            description = "Default: ${DEFAULT-VALUE}.")
    private double learningRate;

    private final List<Double> losses = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (batch < 1 || batch > 4096) throw BadInput.of("--batch " + batch, "use 1 to 4096");
        if (!(learningRate >= 0 && learningRate <= 1))
            throw BadInput.of("--learning-rate " + learningRate, "use 0 to 1");
        Engine engine = model.engine();
        try (LanguageModelFiles files = model.files()) {
            int longest = files.config().positions();
            if (length < 2 || length > longest) throw BadInput.of("--length " + length, "use 2 to " + longest);
            try (WorkerPool pool = model.threads.pool();
                    TrainableDecoder decoder = files.trainable(engine);
                    OptimizerState optimizer = new AdamW().over(decoder.buffers(), pool)) {
                RandomIds ids = new RandomIds();
                print(files, engine, runs.time("finetune", () -> {
                    List<TrainingText> texts = ids.next(batch, length, files.config().vocabulary()).stream()
                            .map(TrainingText::of).toList();
                    losses.add(decoder.pass(texts).loss());
                    optimizer.step(learningRate, 1);
                }));
            }
        }
        return 0;
    }

    private void print(LanguageModelFiles files, Engine engine, Timings timings) {
        double perSecond = 1e3 * batch * length / timings.median();
        String name = files.path().getFileName().toString();
        if (!output.json) {
            output.line(String.format(Locale.ROOT,
                    "finetune %d x %d tokens, %s, engine %s, threads %d: %.1f tokens/s, loss %.5f at first, peak memory "
                            + "%s MB; %s",
                    batch, length, name, engine.name(), model.threads.count(), perSecond, losses.getFirst(),
                    ResidentMemory.peakMb(), timings));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("tokens_per_s", perSecond);
        facts.put("batch", batch);
        facts.put("length", length);
        facts.put("threads", model.threads.count());
        facts.put("model", name);
        facts.put("engine", engine.name());
        facts.put("losses", losses.subList(0, Math.min(TOLD, losses.size())));
        facts.put("steps", losses.size());
        facts.put("rss_mb", ResidentMemory.nowMb());
        facts.put("peak_rss_mb", ResidentMemory.peakMb());
        output.json(timings.facts(facts));
    }
}
