package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.jobs.ExportJob;
import io.retort.jobs.ExportSettings;
import io.retort.settings.SettingType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "export", mixinStandardHelpOptions = true,
        modelTransformer = SettingsOptions.Added.class, description = {
            "Writes a trained student for another program, or smaller for this one.",
            "sentence-transformers: a folder that it opens and that gives the same vectors; for an untied model two of them, "
                    + "context-encoder and reply-encoder. Each holds a README.md that says how contexts are written.",
            "int8: a model folder of Retort's with matrices in 8 bits, a quarter of the size; it serves wherever a model does, and an "
                    + "index is to be made with the model that searches it."})
final class ExportCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(ExportSettings.class);
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR", description = "The folder to write, new or empty.")
    private Path out;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, ExportSettings.class)) return 0;
        if (out == null) throw BadInput.of("--out is missing", "name a folder to write");
        ExportSettings chosen = settings.get(ExportSettings.class);
        ExportJob.Result result;
        StatusLine status = new StatusLine();
        try (ProgressLine _ = new ProgressLine("export", "files", status).begun();
                Interruption _ = Interruption.losing(status)) {
            result = new ExportJob(chosen, out).run(news -> status.say("retort: " + news));
        }
        if (output.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("model", result.model().toString());
            facts.put("format", SettingType.text(chosen.format()));
            facts.put("folders", result.folders().stream().map(Path::toString).toList());
            output.json(facts);
        } else {
            result.folders().forEach(path -> output.line(path.toString()));
        }
        return 0;
    }
}
