package io.retort.cli;

import io.retort.files.AtomicFile;
import io.retort.jobs.ConvertJob;
import io.retort.jobs.ConvertSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "convert", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Reads conversations in whatever format they are, writes them in Retort's own, and reports what is in them: "
                    + "speakers, lengths, languages, repetitions, personal data, suspicious turns.",
            "Without --out it reports alone. The file appears whole at the end, or not at all. docs/data.md tells more."},
        footer = {"", "Say:  retort convert export.json --out talks.jsonl.gz",
            "Say:  retort convert chats/*.csv --personal-data mask --most-of-a-reply 20 --out talks.jsonl.gz"})
final class ConvertCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(ConvertSettings.class);
    @Mixin
    private Output output;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "The files to convert, as with --data.")
    private List<Path> files = List.of();

    @Option(names = {"-o", "--out"}, paramLabel = "FILE",
            description = "The JSONL file to write, gzipped if it ends in .gz.")
    private Path out;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the report as JSON to a file, too.")
    private Path report;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, ConvertSettings.class)) return 0;
        ConvertSettings chosen = settings.get(ConvertSettings.class);
        List<Path> all = new ArrayList<>(files);
        all.addAll(chosen.data());
        ConvertJob job = new ConvertJob(chosen.withData(all), Optional.ofNullable(out));
        ConvertJob.Result result;
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("convert", "bytes", status);
                Interruption _ = Interruption.waiting(status, "the dialogue at work", job::stop)) {
            result = job.run(progress);
        }
        if (result.interrupted()) {
            System.err.println("retort: stopped; nothing was written");
            return 1;
        }
        if (report != null) {
            AtomicFile.write(report, Output.pretty(result.values()).getBytes(StandardCharsets.UTF_8));
        }
        if (output.json) output.json(result.values());
        else new ConversionSummary(result, chosen.curation().personalData()).lines().forEach(output::line);
        return 0;
    }
}
