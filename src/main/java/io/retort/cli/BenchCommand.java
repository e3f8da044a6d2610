package io.retort.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "bench", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "WORK",
        description = {"Measures this machine at work on made-up input, the model's weights being real: median, "
                + "minimum and 99th percentile of the time of one call, in ms."},
        footer = {"", "Say:  retort bench encode --batch 1 --length 16"},
        subcommands = {BenchEncodeCommand.class, BenchTrainStepCommand.class, BenchTuneStepCommand.class,
            BenchSearchCommand.class, BenchReplyCommand.class, BenchGenerateCommand.class, BenchScoreCommand.class})
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which work?");
    }
}
