package io.retort.cli;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.RecordsResult;
import io.retort.jobs.SynthesizeJob;
import io.retort.jobs.SynthesizeSettings;
import io.retort.runtime.RetortRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(name = "synthesize", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Has a teacher talk to itself: whole new dialogues from topics, personas and first turns, for who has no "
                    + "logs.",
            "The prompt is a continuation with three header lines: the topic, and who A and B are."})
final class SynthesizeCommand extends RecordsCommand<SynthesizeSettings, Dialogue> {
    SynthesizeCommand() {
        super(SynthesizeSettings.class, "synthesize", "dialogues", DialogueFile.FORMAT);
    }

    @Override
    RecordsResult run(SynthesizeSettings job, Optional<Path> file, RetortRuntime runtime,
            RecordsListener<Dialogue> listener)
            throws IOException {
        return file.map(out -> new SynthesizeJob(job, out)).orElseGet(() -> new SynthesizeJob(job)).run(runtime,
                listener);
    }

    @Override
    void show(Dialogue dialogue, Output to) {
        dialogue.turns().forEach(turn -> to.line("  " + turn.speaker() + ": " + turn.text()));
        to.line("");
    }
}
