package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.files.ResidentMemory;
import io.retort.graph.Engine;
import io.retort.learn.Optimizer;
import io.retort.learn.OptimizerState;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.LowRank;
import io.retort.lm.TrainableDecoder;
import io.retort.lm.TrainingText;
import io.retort.simd.WorkerPool;
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

@Command(name = "tune-step", mixinStandardHelpOptions = true,
        description = "Times a step of a language model's training on texts of random ids, every token but the first "
                + "learned: forward, backward, AdamW over all weights. No file is changed.")
final class BenchTuneStepCommand implements Callable<Integer> {
    /** Number of first losses that are printed, so that runs can be compared. */
    private static final int TOLD = 3;

    @Mixin
    private LanguageModelOption model;
    @Mixin
    private RunOptions runs = new RunOptions(5);
    @Mixin
    private Output output;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "12", description = "Texts. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--length", paramLabel = "N", defaultValue = "160",
            description = "Tokens of a text. Default: ${DEFAULT-VALUE}.")
    private int length;

    @Option(names = "--learning-rate", paramLabel = "R", defaultValue = "1e-4",
            description = "Default: ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(names = "--lora", paramLabel = "RANK", defaultValue = "0",
            description = "Train adapters of this rank; 0 for the weights. Default: ${DEFAULT-VALUE}.")
    private int rank;

    private final List<Double> losses = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (batch < 1) throw BadInput.of("--batch " + batch, "use 1 or more");
        if (!(learningRate >= 0 && learningRate <= 1)) {
            throw BadInput.of("--learning-rate " + learningRate, "use 0 to 1");
        }
        Engine engine = model.engine();
        try (LanguageModelFiles files = model.files()) {
            if (files.config().family().source().isPresent()) {
                throw BadInput.in(files.path(), "is an encoder–decoder, whose steps are not timed here",
                        "take a decoder, or see what `retort train` tells of its steps");
            }
            int longest = files.config().positions();
            if (length < 2 || length > longest) throw BadInput.of("--length " + length, "use 2 to " + longest);
            time(files, engine);
        }
        return 0;
    }

    private void time(LanguageModelFiles files, Engine engine) throws Exception {
        WorkerPool pool = model.runtime().pool();
        try (TrainableDecoder decoder = open(files, engine);
                OptimizerState optimizer = new Optimizer.AdamW().over(decoder.buffers(), pool)) {
            RandomIds ids = new RandomIds();
            print(engine, runs.time("tune", () -> {
                List<TrainingText> texts = ids.next(batch, length, decoder.config().vocabulary()).stream()
                        .map(TrainingText::of).toList();
                losses.add(decoder.pass(texts).loss());
                optimizer.step(learningRate, 1);
            }));
        }
    }

    private TrainableDecoder open(LanguageModelFiles files, Engine engine) throws IOException {
        return rank == 0
                ? files.trainable(engine)
                : files.trainable(engine, new LowRank(rank, 2.0 * rank), 1, model.weights());
    }

    private void print(Engine engine, Timings timings) {
        double perSecond = 1e3 * batch * length / timings.median();
        if (!output.json) {
            output.line(String.format(Locale.ROOT,
                    "tune-step %d x %d tokens, engine %s, threads %d: %.1f tokens/s, loss %.5f at first, at most %s MB; "
                            + "%s",
                    batch, length, engine.name(), model.threads.count(), perSecond, losses.getFirst(),
                    ResidentMemory.peakMb(), timings));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("tokens_per_s", perSecond);
        facts.put("batch", batch);
        facts.put("length", length);
        facts.put("threads", model.threads.count());
        facts.put("engine", engine.name());
        facts.put("losses", losses.subList(0, Math.min(TOLD, losses.size())));
        facts.put("peak_rss_mb", ResidentMemory.peakMb());
        output.json(timings.facts(facts));
    }
}
