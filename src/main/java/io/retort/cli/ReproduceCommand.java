package io.retort.cli;

import io.retort.graph.ComputeRuntime;
import io.retort.jobs.ReproduceJob;
import io.retort.learn.TrainingResult;
import io.retort.learn.WeightComparison;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "reproduce", mixinStandardHelpOptions = true,
        description = "Trains a model again by the settings kept in its folder, in another folder, and compares the "
                + "weights. On the same kind of machine they are the same bit for bit. Exit code 1 if they differ.")
final class ReproduceCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Parameters(paramLabel = "DIR", description = "A folder of `retort train`.")
    private Path original;

    @Option(names = {"-o", "--out"}, required = true, paramLabel = "DIR",
            description = "Where it is trained again; a run in it that was interrupted goes on.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        ReproduceJob job = ReproduceJob.of(original, out);
        ComputeRuntime runtime = CommandRuntime.of(job.settings().runtime());
        long steps = job.settings().task().loop().steps();
        StatusLine status = new StatusLine();
        try (TrainingProgress progress = new TrainingProgress(steps, runtime.threads(), status);
                Interruption _ = Interruption.waiting(status, "the step at work", job::stop)) {
            ReproduceJob.Result result = job.run(runtime, progress);
            progress.told(result.training(), Invocation.current());
            if (result.weights().isEmpty()) return 1;
            print(result.training(), result.weights().get());
            return result.weights().get().identical() ? 0 : 1;
        }
    }

    private void print(TrainingResult result, WeightComparison weights) {
        if (output.json) {
            Map<String, Object> facts = TrainCommand.facts(result);
            facts.put("identical", weights.identical());
            facts.put("greatest_difference", weights.greatest());
            facts.put("where", weights.where());
            output.json(facts);
            return;
        }
        TrainCommand.print(output, result);
        output.line(weights.identical()
                ? "The weights are those of " + original + ", bit for bit."
                : String.format(Locale.ROOT, "The weights differ from those of %s by up to %.3g, in %s.", original,
                        weights.greatest(), weights.where()));
    }
}
