package io.retort.cli;

import io.retort.dialogue.RecordFile;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.RecordsResult;
import io.retort.runtime.RetortRuntime;
import io.retort.runtime.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A command whose job has a teacher make records, which go to a file or are shown.
 *
 * @param <S> the job's settings
 * @param <R> what a record is
 */
abstract class RecordsCommand<S extends Record, R> implements SettingsOptions.Configured, Callable<Integer> {
    private final Class<S> type;
    private final String name;
    private final String items;
    private final RecordFile<R> format;
    private final SettingsOptions settings;

    @Option(names = {"-o", "--out"}, paramLabel = "FILE",
            description = "The JSONL file to write, gzipped if it ends in .gz. Killed and started again with the same "
                    + "arguments, the command goes on where it was. Without it records are printed.")
    private Path out;

    @Mixin
    private Output output;

    /**
     * @param name  the command's
     * @param items what the job works on, in the plural
     */
    RecordsCommand(Class<S> type, String name, String items, RecordFile<R> format) {
        this.type = type;
        this.name = name;
        this.items = items;
        this.format = format;
        this.settings = SettingsOptions.of(type, RuntimeSettings.class).basic("teacher", "data", "replies", "dialogues", "turns",
                "limit", "max-tokens", "temperature", "topics", "personas");
    }

    /** Runs the job; where there is no file, the listener gets the records all the same. */
    abstract RecordsResult run(S job, Optional<Path> file, RetortRuntime runtime, RecordsListener<R> listener)
            throws IOException;

    /** Shows a record to people. */
    abstract void show(R record, Output to);

    @Override
    public final SettingsOptions settings() {
        return settings;
    }

    @Override
    public final Integer call() throws IOException {
        if (settings.printed(output, type, RuntimeSettings.class)) return 0;
        S job = settings.get(type);
        Optional<Path> file = Optional.ofNullable(out);
        StatusLine status = new StatusLine();
        try (RecordsReport<R> report = new RecordsReport<>(name, items, format, file, output,
                record -> show(record, output), status);
                Interruption _ = file.isPresent() ? Interruption.keeping(status) : Interruption.losing(status)) {
            report.tell(run(job, file, CommandRuntime.of(settings.get(RuntimeSettings.class)), report));
        }
        return 0;
    }
}
