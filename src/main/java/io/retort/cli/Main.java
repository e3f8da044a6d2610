package io.retort.cli;

import io.retort.files.BadInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code retort}: the command that holds the others. */
@Command(name = "retort", mixinStandardHelpOptions = true, version = "retort 0.1.0", description = "Answers dialogues in milliseconds: retrieval models distilled from large generative ones.", synopsisSubcommandLabel = "COMMAND", footer = {
    "", "Start with:  retort demo", "Exit codes: 0 done, 1 failed, 2 bad input or usage."}, subcommands = {
        DemoCommand.class, ChatCommand.class, ReplyCommand.class, IndexCommand.class, EvalCommand.class,
        EncodeCommand.class,
        PullCommand.class, ImportCommand.class, InspectCommand.class, DoctorCommand.class,
        CommandLine.HelpCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show stack traces of errors.")
    private boolean debug;

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs a command in this process. @return the exit code */
    static int run(String... arguments) {
        Main main = new Main();
        return new CommandLine(main).setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true).setExecutionExceptionHandler((e, line, parsed) -> main.report(e, line))
                .setParameterExceptionHandler(Main::usageError).execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    private static int usageError(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("retort: " + e.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("Try: " + line.getCommandSpec().qualifiedName() + " --help");
        }
        return CommandLine.ExitCode.USAGE;
    }

    private int report(Exception e, CommandLine line) {
        PrintWriter err = line.getErr();
        if (debug) e.printStackTrace(err);
        err.println("retort: " + message(e));
        return e instanceof BadInput ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String message(Exception e) {
        return switch (e) {
            case BadInput bad -> bad.getMessage();
            case UncheckedIOException unchecked -> message(unchecked.getCause());
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file; check the path";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileSystemException file ->
                file.getFile() + ": " + (file.getReason() == null ? "cannot be used" : file.getReason());
            case IOException io -> "input or output failed: " + io.getMessage();
            default -> "internal error, please report it (--debug shows where): " + e;
        };
    }
}
