package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.jobs.StudyDesignSettings;
import io.retort.jobs.StudyPlanJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "import", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = "Makes a plan of pairings of ACUTE-Eval, as ParlAI's task reads them; onboarding pairings become "
                + "hidden checks.",
        footer = {"", "Say:  retort study import pairings.jsonl --judges 5 --items 30 --out study.jsonl"})
final class StudyImportCommand implements Callable<Integer>, SettingsOptions.Configured {
    private final SettingsOptions settings = SettingsOptions.of(StudyDesignSettings.class);
    @Mixin
    private Output output;

    @Parameters(paramLabel = "PAIRINGS", description = "The JSONL file of pairings.")
    private Path pairings;

    @Option(names = {"-o", "--out"}, paramLabel = "FILE", description = "The plan to write, JSONL.")
    private Path out;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, StudyDesignSettings.class)) return 0;
        if (out == null) throw BadInput.of("--out is missing", "name a file to write");
        StudyPlanCommand.tell(new StudyPlanJob(out, news -> System.err.println("retort: " + news)).run(pairings,
                settings.get(StudyDesignSettings.class)), output);
        return 0;
    }
}
