package io.retort.cli;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.RecordsResult;
import io.retort.jobs.ScoreJob;
import io.retort.jobs.ScoreSettings;
import io.retort.runtime.RetortRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(name = "score", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Adds a teacher's opinion to each candidate of distilled data: `ll`, the log-likelihood a token, and `mi`, "
                    + "the mutual information a token, both in nats (model-level G2R).",
            "How well a teacher judges: `retort eval --teacher`."})
final class ScoreCommand extends RecordsCommand<ScoreSettings, Distilled> {
    ScoreCommand() {
        super(ScoreSettings.class, "score", "contexts", DistilledFile.FORMAT);
    }

    @Override
    RecordsResult run(ScoreSettings job, Optional<Path> file, RetortRuntime runtime,
            RecordsListener<Distilled> listener)
            throws IOException {
        return file.map(out -> new ScoreJob(job, out)).orElseGet(() -> new ScoreJob(job)).run(runtime, listener);
    }

    @Override
    void show(Distilled distilled, Output to) {
        distilled.context().turns().forEach(turn -> to.line("  - " + turn));
        distilled.candidates().forEach(candidate -> to.line(String.format(Locale.ROOT,
                "  %s LL %6.2f  MI %6.2f  %s", candidate.origin() == Origin.GENERATED ? "=" : "*",
                candidate.ll().orElseThrow(), candidate.mi().orElseThrow(), candidate.text())));
        to.line("");
    }
}
