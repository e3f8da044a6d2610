package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.files.ResidentMemory;
import io.retort.graph.Engine;
import io.retort.learn.BatchReplies;
import io.retort.learn.Loss;
import io.retort.learn.Optimizer;
import io.retort.learn.OptimizerState;
import io.retort.learn.RetrievalSettings;
import io.retort.learn.SampledCrossEntropy;
import io.retort.retrieval.TrainableStudent;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "train-step", mixinStandardHelpOptions = true,
        description = "Times a training step: forward, backward, AdamW over all weights, embedding tables included. "
                + "The first half of a batch are contexts, the second their replies; the loss is the cross-entropy "
                + "of each context's reply among the batch's, of cosine x 20 or the dot product. No file is changed.")
final class BenchTrainStepCommand implements Callable<Integer> {
    /** Number of first losses that are printed, so that runs can be compared. */
    private static final int TOLD = 5;
    /** The step after which memory should have settled. */
    private static final int SETTLED = 10;

    @Mixin
    private ModelOption model;
    @Mixin
    private BatchOptions texts;
    @Mixin
    private RunOptions runs;
    @Mixin
    private Output output;

    @Option(names = "--learning-rate", paramLabel = "R", defaultValue = "5e-5",
            description = "Default: ${DEFAULT-VALUE}.")
    private double learningRate;

    private final List<Double> losses = new ArrayList<>();
    private Long settledMb;

    @Override
    public Integer call() throws Exception {
        ModelFolder folder = model.folder();
        texts.check(folder.config());
        if (texts.batch % 2 == 1) throw BadInput.of("--batch " + texts.batch, "use an even number: pairs of texts");
        if (!(learningRate >= 0 && learningRate <= 1))
            throw BadInput.of("--learning-rate " + learningRate, "use 0 to 1");
        Engine engine = model.engine();
        Loss loss = new SampledCrossEntropy();
        double scale = RetrievalSettings.usualScale(folder.config());
        TrainableStudent.Settings settings = new TrainableStudent.Settings(scale, 0, Integer.MAX_VALUE, Long.MAX_VALUE);
        WorkerPool pool = model.runtime().pool();
        try (TrainableStudent student = folder.trainable(folder.config(), 0, engine, pool, settings, loss);
                OptimizerState optimizer = new Optimizer.AdamW().over(student.buffers(), pool)) {
            Map<String, Tensor> fed = loss.inputs(pairs());
            int vocabulary = folder.config().encoder().vocabulary();
            print(folder, engine, runs.time("train", () -> {
                List<int[]> batch = texts.next(vocabulary);
                int half = batch.size() / 2;
                double value = student.pass(batch.subList(0, half), batch.subList(half, batch.size()), fed, 0).losses()
                        .get(Loss.TOTAL);
                optimizer.step(learningRate, 1);
                note(value);
            }));
        }
        return 0;
    }

    /** A batch of pairs, in which each context's reply stands against those of the others. */
    private BatchReplies pairs() {
        List<int[]> own = IntStream.range(0, texts.batch / 2).mapToObj(i -> new int[]{i}).toList();
        return new BatchReplies(own.size(), own, List.of(), new BitSet(), true);
    }

    private void note(double loss) {
        losses.add(loss);
        if (losses.size() == SETTLED) settledMb = ResidentMemory.nowMb();
    }

    private void print(ModelFolder folder, Engine engine, Timings timings) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("batch", texts.batch);
        facts.put("length", texts.length);
        facts.put("threads", model.threads.count());
        facts.put("model", folder.name());
        facts.put("engine", engine.name());
        facts.put("losses", losses.subList(0, Math.min(TOLD, losses.size())));
        facts.put("steps", losses.size());
        facts.put("rss_mb_after_step_" + SETTLED, settledMb);
        facts.put("rss_mb", ResidentMemory.nowMb());
        facts.put("peak_rss_mb", ResidentMemory.peakMb());
        if (output.json) {
            output.json(timings.facts(facts));
            return;
        }
        output.line("train-step " + texts + ", " + folder.name() + ", engine " + engine.name() + ", threads "
                + model.threads.count() + ": " + timings);
        output.line(String.format(Locale.ROOT, "loss %.5f at first, memory %s MB after step %d, %s MB after step %d",
                losses.getFirst(), settledMb, SETTLED, facts.get("rss_mb"), losses.size()));
    }
}
