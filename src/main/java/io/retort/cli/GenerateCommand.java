package io.retort.cli;

import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.jobs.GenerateJob;
import io.retort.jobs.GenerateSettings;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "generate", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Has a teacher answer the contexts of dialogues, several times each: distilled data (data-level G2R).",
            "Replies are cleaned; what is dropped is counted by reason and sampled anew."})
final class GenerateCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(GenerateSettings.class, RuntimeSettings.class);

    @Mixin
    private RecordsOutput output;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output.output, GenerateSettings.class, RuntimeSettings.class)) return 0;
        GenerateSettings job = settings.get(GenerateSettings.class);
        GenerateJob work = output.out == null ? new GenerateJob(job) : new GenerateJob(job, output.out);
        try (RecordsReport<Distilled> report = output.report("generate", "contexts", DistilledFile.FORMAT,
                this::show)) {
            report.tell(work.run(CommandRuntime.of(settings.get(RuntimeSettings.class)), report));
        }
        return 0;
    }

    private void show(Distilled distilled) {
        distilled.context().turns().forEach(turn -> output.output.line("  - " + turn));
        distilled.candidates().forEach(candidate -> output.output.line(
                (candidate.origin() == Origin.GENERATED ? "  = " : "  * ") + candidate.text()));
        output.output.line("");
    }
}
