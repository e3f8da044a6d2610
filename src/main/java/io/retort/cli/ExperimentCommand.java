package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.experiment.ReportTable;
import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "experiment", mixinStandardHelpOptions = true, description = {
    "Trains a grid of methods and seeds from distilled data, compares the models, and writes DIR/report.json and "
            + "DIR/report.html, a page that needs nothing else.",
    "Killed or stopped by Ctrl-C and started again with the same arguments, it goes on where it was: finished runs are "
            + "kept, the one at work resumes from its checkpoint. Each run can be made again with `retort reproduce "
            + "DIR/cells/NAME`."},
        footer = {"",
            "Say:  retort experiment --data distilled.jsonl --tests dev.jsonl --contexts held-out.jsonl --out "
                    + "results"})
final class ExperimentCommand implements Callable<Integer> {
    @Mixin
    private ExperimentOptions options;
    @Mixin
    private ConfigOptions settings;
    @Mixin
    private Output output;
    @Spec
    private CommandSpec spec;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "The folder of the experiment: new, empty, or one to go on with.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        ExperimentOptions.Effective effective = ExperimentOptions.of(settings.file(),
                spec.commandLine().getParseResult().matchedOptions());
        if (settings.printed(output, effective.config())) return 0;
        if (out == null) throw BadInput.of("--out is missing", "name a folder for the experiment");
        Optional<ObjectNode> report = new ExperimentJob(effective.options(), effective.config(), out).run();
        if (report.isEmpty()) return 1;
        if (output.json) {
            output.json(report.get());
        } else {
            ReportTable.lines(report.get()).forEach(output::line);
            output.line("");
            output.line(out.resolve("report.html").toString());
        }
        return 0;
    }
}
