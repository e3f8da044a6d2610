package io.retort.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "study", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "WORK",
        description = "Human evaluation: plans blinded comparisons of bots, teachers and people, takes the votes of "
                + "judges, and tells what they say.",
        footer = {"", "Say:  retort study plan --data talks.jsonl --system a=bot-a --system b=bot-b --out study.jsonl",
            "Say:  retort study vote study.jsonl --judge anna",
            "Say:  retort study report study.jsonl --out study.html"},
        subcommands = {StudyPlanCommand.class, StudyVoteCommand.class, StudyReportCommand.class,
            StudyImportCommand.class, StudyExportCommand.class})
final class StudyCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which work?");
    }
}
