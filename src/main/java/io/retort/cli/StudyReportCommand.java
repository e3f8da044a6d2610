package io.retort.cli;

import io.retort.jobs.StudyReportJob;
import io.retort.jobs.StudyReportSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "report", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Tells what the votes of a study say: win rates, SSA or ratings with intervals, ties, agreement, "
                    + "failed checks, and how many more votes a difference needs. It may be asked at any time.",
            "Judges who fail hidden checks are left out (--checks-passed), and named."},
        footer = {"", "Say:  retort study report study.jsonl --out study.html"})
final class StudyReportCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(StudyReportSettings.class);
    @Mixin
    private Output output;

    @Parameters(paramLabel = "PLAN", description = "The plan that was judged.")
    private Path plan;

    @Option(names = {"-o", "--out"}, paramLabel = "FILE", description = "Write the report as an HTML page, too.")
    private Path out;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, StudyReportSettings.class)) return 0;
        StudyReportJob.Result result = new StudyReportJob(plan, settings.get(StudyReportSettings.class))
                .run(Optional.ofNullable(out));
        if (output.json) {
            output.line(result.json());
        } else {
            result.lines().forEach(output::line);
            if (out != null) output.line("Everything: " + out);
        }
        return 0;
    }
}
