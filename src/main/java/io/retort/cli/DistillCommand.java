package io.retort.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.jobs.DistillEstimate;
import io.retort.jobs.DistillJob;
import io.retort.jobs.DistillSettings;
import io.retort.runtime.RuntimeSettings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "distill", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "From your logs to your bot: holds some dialogues out, has a teacher answer and judge the contexts of the "
                    + "others, trains a student on that, indexes all replies, and reports how good it is "
                    + "(DIR/report.html). `retort chat DIR` talks to it.",
            "Killed at any moment and started again with the same arguments, it goes on in the very stage. Each stage "
                    + "is a command of its own, whose files are in DIR in the usual formats.",
            "Every setting of a stage has an option as well: that of `retort generate`, `score`, `train` and `index`, "
                    + "behind the stage's name, such as --train-learning-rate 2e-5; --print-config shows them all."},
        footer = {"", "Say:  retort distill --data talks.jsonl --teacher MODEL.gguf --out bot",
            "Say:  retort distill --data talks.jsonl --out bot   (without a teacher)",
            "Say:  retort chat bot"})
final class DistillCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(DistillSettings.class, RuntimeSettings.class);
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "The bot's folder: new, empty, or one to go on with.")
    private Path out;

    @Option(names = "--dry-run", description = "Tell what it would take, and stop.")
    private boolean dryRun;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws Exception {
        if (settings.printed(output, DistillSettings.class, RuntimeSettings.class)) return 0;
        DistillJob job = new DistillJob(settings.get(DistillSettings.class));
        if (out == null && !dryRun) throw BadInput.of("--out is missing", "name a folder for the bot");
        ComputeRuntime runtime = CommandRuntime.of(settings.get(RuntimeSettings.class));
        StatusLine status = new StatusLine();
        try (DistillProgress progress = new DistillProgress(runtime.threads(), status)) {
            if (dryRun) return told(job.estimate(runtime, progress));
            return made(job, runtime, progress, status);
        }
    }

    private int told(DistillEstimate estimate) {
        if (output.json) output.json(estimate.values());
        else DistillProgress.lines(estimate).forEach(output::line);
        return 0;
    }

    private int made(DistillJob job, ComputeRuntime runtime, DistillProgress progress, StatusLine status)
            throws Exception {
        try (Interruption _ = Interruption.waiting(status, "the work at hand", job::stop)) {
            DistillJob.Result result = job.run(runtime, out, progress);
            status.clear();
            if (result.interrupted()) {
                status.say("retort: " + Interruption.goingOn("stopped", Invocation.current()));
                return 1;
            }
            if (output.json) {
                output.json((ObjectNode) new ObjectMapper().readTree(result.report().toFile()));
                return 0;
            }
            output.line("");
            result.summary().forEach(output::line);
            output.line("");
            output.line("Everything: " + result.page());
            output.line("Talk to it: retort chat " + out);
            return 0;
        }
    }
}
