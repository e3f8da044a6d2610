package io.retort.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "safety", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "WORK",
        description = "The safety screen of chats by itself: says what it makes of texts, or fits its classifier for a "
                + "student of your own.",
        footer = {"", "Say:  retort safety check \"shoot me an email\""},
        subcommands = {SafetyCheckCommand.class, SafetyFitCommand.class})
final class SafetyCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which work?");
    }
}
