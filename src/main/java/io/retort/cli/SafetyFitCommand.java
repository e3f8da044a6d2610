package io.retort.cli;

import io.retort.jobs.SafetyFitJob;
import io.retort.jobs.SafetyFitSettings;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "fit", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = "Fits the safety classifier of a student on the student's own vectors and writes it into the "
                + "student's folder, where `retort chat` finds it. It serves that very student and no other.",
        footer = {"", "Say:  retort safety fit --model student --provocations prompts.jsonl --everyday talks.jsonl "
                + "--labelled labelled.tsv"})
final class SafetyFitCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(RuntimeSettings.class, SafetyFitSettings.class)
            .basic("model", "provocations", "everyday", "labelled");
    @Mixin
    private Output output;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, RuntimeSettings.class, SafetyFitSettings.class)) return 0;
        SafetyFitJob.Result result;
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("encode", "texts", status).begun();
                Interruption _ = Interruption.losing(status)) {
            result = new SafetyFitJob(settings.get(SafetyFitSettings.class)).run(
                    CommandRuntime.of(settings.get(RuntimeSettings.class)), progress,
                    news -> status.say("retort: " + news));
        }
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("file", result.file().toString());
            facts.put("examples", result.examples());
            facts.put("everyday", result.everyday());
            output.json(facts);
        } else {
            output.line(String.format(Locale.ROOT, "%s: fitted on %,d examples, thresholds by %,d everyday texts",
                    result.file(), result.examples(), result.everyday()));
        }
        return 0;
    }
}
