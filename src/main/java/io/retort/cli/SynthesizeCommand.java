package io.retort.cli;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.jobs.SynthesizeJob;
import io.retort.jobs.SynthesizeSettings;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "synthesize", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Has a teacher talk to itself: whole new dialogues from topics, personas and first turns, for who has no "
                    + "logs.",
            "The prompt is a continuation with three header lines: the topic, and who A and B are."})
final class SynthesizeCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(SynthesizeSettings.class, RuntimeSettings.class);

    @Mixin
    private RecordsOutput output;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output.output, SynthesizeSettings.class, RuntimeSettings.class)) return 0;
        SynthesizeSettings job = settings.get(SynthesizeSettings.class);
        SynthesizeJob work = output.out == null ? new SynthesizeJob(job) : new SynthesizeJob(job, output.out);
        try (RecordsReport<Dialogue> report = output.report("synthesize", "dialogues", DialogueFile.FORMAT,
                this::show)) {
            report.tell(work.run(CommandRuntime.of(settings.get(RuntimeSettings.class)), report));
        }
        return 0;
    }

    private void show(Dialogue dialogue) {
        dialogue.turns().forEach(turn -> output.output.line("  " + turn.speaker() + ": " + turn.text()));
        output.output.line("");
    }
}
