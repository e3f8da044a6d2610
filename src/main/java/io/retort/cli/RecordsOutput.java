package io.retort.cli;

import io.retort.dialogue.RecordFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the records of a teacher's job go, and what is told of it. */
final class RecordsOutput {
    @Option(names = {"-o", "--out"}, paramLabel = "FILE",
            description = "The JSONL file to write, gzipped if it ends in .gz. Killed and started again with the same "
                    + "arguments, the command goes on where it was. Without it records are printed.")
    Path out;

    @Mixin
    Output output;

    /** @param people shows a record where there is no file for it */
    <R> RecordsReport<R> report(String job, String items, RecordFile<R> format, Consumer<R> people) {
        return new RecordsReport<>(job, items, format, Optional.ofNullable(out), output, people);
    }
}
