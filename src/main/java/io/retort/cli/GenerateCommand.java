package io.retort.cli;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.jobs.GenerateJob;
import io.retort.jobs.GenerateSettings;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.RecordsResult;
import io.retort.runtime.RetortRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(name = "generate", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Has a teacher answer the contexts of dialogues, several times each: distilled data (data-level G2R).",
            "Replies are cleaned; what is dropped is counted by reason and sampled anew."})
final class GenerateCommand extends RecordsCommand<GenerateSettings, Distilled> {
    GenerateCommand() {
        super(GenerateSettings.class, "generate", "contexts", DistilledFile.FORMAT);
    }

    @Override
    RecordsResult run(GenerateSettings job, Optional<Path> file, RetortRuntime runtime,
            RecordsListener<Distilled> listener)
            throws IOException {
        return file.map(out -> new GenerateJob(job, out)).orElseGet(() -> new GenerateJob(job)).run(runtime, listener);
    }

    @Override
    void show(Distilled distilled, Output to) {
        distilled.context().turns().forEach(turn -> to.line("  - " + turn));
        distilled.candidates().forEach(candidate -> to.line(
                (candidate.origin() == Origin.GENERATED ? "  = " : "  * ") + candidate.text()));
        to.line("");
    }
}
