package io.retort.cli;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.jobs.ScoreJob;
import io.retort.jobs.ScoreSettings;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "score", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Adds a teacher's opinion to each candidate of distilled data: `ll`, the log-likelihood a token, and `mi`, "
                    + "the mutual information a token, both in nats (model-level G2R).",
            "How well a teacher judges: `retort eval --teacher`."})
final class ScoreCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(ScoreSettings.class, RuntimeSettings.class);

    @Mixin
    private RecordsOutput output;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output.output, ScoreSettings.class, RuntimeSettings.class)) return 0;
        ScoreSettings job = settings.get(ScoreSettings.class);
        ScoreJob work = output.out == null ? new ScoreJob(job) : new ScoreJob(job, output.out);
        try (RecordsReport<Distilled> report = output.report("score", "contexts", DistilledFile.FORMAT, this::show)) {
            report.tell(work.run(CommandRuntime.of(settings.get(RuntimeSettings.class)), report));
        }
        return 0;
    }

    private void show(Distilled distilled) {
        distilled.context().turns().forEach(turn -> output.output.line("  - " + turn));
        distilled.candidates().forEach(candidate -> output.output.line(String.format(Locale.ROOT,
                "  %s LL %6.2f  MI %6.2f  %s", candidate.origin() == Origin.GENERATED ? "=" : "*",
                candidate.ll().orElseThrow(), candidate.mi().orElseThrow(), candidate.text())));
        output.output.line("");
    }
}
