package io.retort.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "lm", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "WORK",
        description = "A language model by itself, without prompts and dialogues: completes text, or says how likely "
                + "text is. Text is taken literally.",
        footer = {"", "Say:  retort lm complete --model MODEL.gguf --prompt \"Once upon a time\" --greedy"},
        subcommands = {LmCompleteCommand.class, LmScoreCommand.class})
final class LmCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which work?");
    }
}
