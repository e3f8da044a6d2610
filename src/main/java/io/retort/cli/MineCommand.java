package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.jobs.MineJob;
import io.retort.jobs.MineSettings;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "mine", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Mines hard negatives: for each context the replies that a student ranks first though they are none of its "
                    + "candidates. `retort train --negatives-from` reads them.",
            "Killed and started again with the same arguments, it goes on where it was."},
        footer = {"", "Say:  retort mine --model student --data distilled.jsonl --out negatives.jsonl"})
final class MineCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(RuntimeSettings.class, MineSettings.class)
            .basic("data", "model", "negatives");
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "FILE",
            description = "The JSONL file to write, gzipped if it ends in .gz.")
    private Path out;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, RuntimeSettings.class, MineSettings.class)) return 0;
        MineSettings chosen = settings.get(MineSettings.class);
        if (out == null) throw BadInput.of("--out is missing", "name a file to write");
        MineJob job = new MineJob(chosen, out);
        MineJob.Result result;
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("mine", "texts", status).begun();
                Interruption _ = Interruption.waiting(status, "the batch at work", job::stop)) {
            result = job.run(CommandRuntime.of(settings.get(RuntimeSettings.class)), progress,
                    news -> status.say("retort: " + news));
            print(result);
        }
        return result.interrupted() ? 1 : 0;
    }

    private void print(MineJob.Result result) {
        if (result.interrupted()) {
            System.err.println("retort: " + Interruption.goingOn("stopped after " + result.contexts() + " contexts",
                    Invocation.current()));
        } else if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("out", result.out().toString());
            facts.put("contexts", result.contexts());
            facts.put("negatives", result.negatives());
            output.json(facts);
        } else {
            output.line(String.format(Locale.ROOT, "%s: %,d negatives of %,d contexts", result.out(),
                    result.negatives(), result.contexts()));
        }
    }
}
