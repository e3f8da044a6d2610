package io.retort.cli;

import io.retort.jobs.CalibrateJob;
import io.retort.jobs.CalibrateSettings;
import io.retort.reply.ScoreCalibration;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "calibrate", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Finds out what a student's scores mean, on contexts that it was not trained on, and writes it into the "
                    + "student's folder: how sure a reply of a score is, and the score below which a random reply is as "
                    + "likely as a fitting one, under which `retort chat` says that it has no answer.",
            "`retort train` does so at its end on the tests that --validate-on names."},
        footer = {"", "Say:  retort calibrate --model student --data held-out.jsonl"})
final class CalibrateCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(RuntimeSettings.class, CalibrateSettings.class)
            .basic("model", "data", "limit");
    @Mixin
    private Output output;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, RuntimeSettings.class, CalibrateSettings.class)) return 0;
        CalibrateSettings chosen = settings.get(CalibrateSettings.class);
        StatusLine status = new StatusLine();
        CalibrateJob.Result result;
        try (ProgressLine progress = new ProgressLine("calibrate", "texts", status).begun();
                Interruption _ = Interruption.losing(status)) {
            result = new CalibrateJob(chosen).run(CommandRuntime.of(settings.get(RuntimeSettings.class)),
                    EvalCommand.listener(progress, status));
        }
        ScoreCalibration found = result.calibration();
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("file", result.file().toString());
            facts.put("floor", found.floor());
            facts.put("slope", found.slope());
            facts.put("fitting", found.fitting());
            facts.put("random", found.random());
            facts.put("contexts", found.contexts());
            output.json(facts);
        } else {
            output.line(String.format(Locale.ROOT,
                    "%s: floor %.3f, on %,d contexts; %.0f %% of fitting and %.0f %% of random replies reach it",
                    result.file(), found.floor(), found.contexts(), 100 * found.fitting(), 100 * found.random()));
        }
        return 0;
    }
}
