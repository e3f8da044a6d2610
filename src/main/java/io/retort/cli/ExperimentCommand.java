package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.jobs.ExperimentJob;
import io.retort.jobs.ExperimentSettings;
import io.retort.runtime.RuntimeSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "experiment", mixinStandardHelpOptions = true,
        modelTransformer = SettingsOptions.Added.class, description = {
            "Trains a grid of methods and seeds from distilled data, compares the models, and writes DIR/report.json and "
                    + "DIR/report.html, a page that needs nothing else.",
            "Killed or stopped by Ctrl-C and started again with the same arguments, it goes on where it was: finished runs are "
                    + "kept, the one at work resumes from its checkpoint. Each run can be made again with `retort reproduce "
                    + "DIR/cells/NAME`."},
        footer = {"",
            "Say:  retort experiment --data distilled.jsonl --tests dev.jsonl --contexts held-out.jsonl --out "
                    + "results"})
final class ExperimentCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(RuntimeSettings.class, ExperimentSettings.class)
            .basic("data", "tests", "contexts", "methods", "seeds", "steps", "model");
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "The folder of the experiment: new, empty, or one to go on with.")
    private Path out;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws Exception {
        if (settings.printed(output, RuntimeSettings.class, ExperimentSettings.class)) return 0;
        ExperimentSettings chosen = settings.get(ExperimentSettings.class);
        if (out == null) throw BadInput.of("--out is missing", "name a folder for the experiment");
        Optional<ExperimentJob.Result> result = ExperimentProgress.watched(new ExperimentJob(chosen, out),
                CommandRuntime.of(settings.get(RuntimeSettings.class)));
        if (result.isEmpty()) return 1;
        if (output.json) {
            output.json(ExperimentProgress.report(result.get()));
        } else {
            result.get().summary().forEach(output::line);
            output.line("");
            output.line(out.resolve("report.html").toString());
        }
        return 0;
    }
}
