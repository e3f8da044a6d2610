package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.TaskSettings.Task;
import io.retort.jobs.TrainJob;
import io.retort.jobs.TrainSettings;
import io.retort.jobs.TuneJob;
import io.retort.jobs.TuneSettings;
import io.retort.learn.TrainingResult;
import io.retort.runtime.RuntimeSettings;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "train", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Trains a model: a retrieval student, on dialogues or on what a teacher made of them; or with --task "
                    + "generator a teacher, a language model, on dialogues.",
            "Killed or stopped by Ctrl-C, it goes on with --resume to the same weights, bit for bit. The folder holds "
                    + "the model in the end, and in training/ its settings, metrics (JSONL and TensorBoard) and, while "
                    + "it trains, checkpoints."},
        footer = {"", "Say:  retort train --method g2r-dm --data distilled.jsonl --out student",
            "Say:  retort train --task generator --model MODEL.gguf --data talks.jsonl --out teacher"})
final class TrainCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(Trained.class, RuntimeSettings.class)
            .and("A student", TrainSettings.class).and("A generator", TuneSettings.class)
            .basic("task", "data", "model", "method", "validate-on", "steps", "batch", "learning-rate", "negatives-from");
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR", description = "The folder to train in, new or empty.")
    private Path out;

    @Option(names = "--resume", description = "Go on with the run in the folder, if there is one.")
    private boolean resume;

    /** The one setting that says which kind of model is trained, and so which other settings there are. */
    record Trained(@Setting(value = "What is trained.", label = "NAME") Task task) {
        static Trained defaults() {
            return new Trained(Task.RETRIEVAL);
        }
    }

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws Exception {
        boolean student = settings.get(Trained.class).task() == Task.RETRIEVAL;
        if (settings.printed(output, Trained.class, RuntimeSettings.class,
                student ? TrainSettings.class : TuneSettings.class))
            return 0;
        if (student) train(settings.get(TrainSettings.class));
        else tune(settings.get(TuneSettings.class));
        return 0;
    }

    private void train(TrainSettings chosen) throws Exception {
        requireOut();
        TrainJob job = resume ? TrainJob.resume(chosen, out) : TrainJob.begin(chosen, out);
        ComputeRuntime runtime = CommandRuntime.of(settings.get(RuntimeSettings.class));
        StatusLine status = new StatusLine();
        try (TrainingProgress progress = new TrainingProgress(chosen.loop().steps(), runtime.threads(), status);
                Interruption _ = Interruption.waiting(status, "the step at work", job::stop)) {
            print(output, progress.told(job.run(runtime, progress), Invocation.current().with("--resume")));
        }
    }

    private void tune(TuneSettings chosen) throws Exception {
        requireOut();
        TuneJob job = resume ? TuneJob.resume(chosen, out) : TuneJob.begin(chosen, out);
        ComputeRuntime runtime = CommandRuntime.of(settings.get(RuntimeSettings.class));
        StatusLine status = new StatusLine();
        try (TrainingProgress progress = new TrainingProgress(chosen.loop().steps(), runtime.threads(), status);
                Interruption _ = Interruption.waiting(status, "the step at work", job::stop)) {
            print(output, progress.told(job.run(runtime, progress), Invocation.current().with("--resume")));
        }
    }

    private void requireOut() {
        if (out == null) throw BadInput.of("--out is missing", "name a folder to train in");
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
