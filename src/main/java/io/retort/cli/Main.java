package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.files.RetortVersion;
import io.retort.gpu.GpuException;
import io.retort.gpu.NoGpu;
import io.retort.learn.TrainingDiverged;
import io.retort.settings.InvalidSetting;
import io.retort.teacher.remote.TeacherUnavailable;
import io.retort.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine;

/** The command {@code retort}, which holds all others. */
@Command(name = "retort", mixinStandardHelpOptions = true, version = RetortVersion.NAME,
        description = "Answers dialogues in milliseconds: retrieval models distilled from large generative ones.",
        synopsisSubcommandLabel = "COMMAND", footer = {
            "", "Start with:  retort chat, retort demo, or with your own dialogues:",
            "  retort index --data DIALOGUES --out my.index; retort chat --index my.index",
            "Exit codes: 0 done, 1 failed, 2 bad input or usage."})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show stack traces of errors.")
    private boolean debug;

    @Option(names = HelpPages.ALL, scope = ScopeType.INHERIT,
            description = "With --help: describe all options, the advanced ones too.")
    private boolean all;

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Encodings.tellPoorOutput();
        if (arguments.length > 0 && arguments[0].equals("reply") && !arePlain(arguments)) {
            // A context that is not ASCII needs the library, which loads as long as a model does.
            Thread.ofPlatform().daemon().name("retort-ahead").start(HuggingFaceTokenizer::prepare);
        }
        System.exit(run(arguments));
    }

    private static boolean arePlain(String... arguments) {
        for (String argument : arguments) {
            for (int i = 0; i < argument.length(); i++) if (argument.charAt(i) > '~') return false;
        }
        return true;
    }

    /**
     * Runs a command in this process.
     *
     * @return the exit code
     */
    static int run(String... arguments) {
        Main main = new Main();
        try {
            Encodings.requireReadable(arguments);
            Optional<Callable<Integer>> plain = PlainCommandLine.read(arguments);
            int code = new Invocation(List.of(arguments)).around(() -> CommandRuntime.around(plain.isPresent()
                    ? () -> call(main, plain.get(), arguments)
                    : () -> execute(main, Commands.line(main, arguments), arguments)));
            return code == CommandLine.ExitCode.OK && !Output.isWhole()
                    ? main.report(Output.lost(), Commands.line(main, arguments))
                    : code;
        } catch (BadInput e) {
            return main.report(e, Commands.line(main, arguments));
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            if (main.debug) e.printStackTrace(System.err);
            System.err.println("retort: " + message(e));
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** Runs a command that was read without picocli, which is asked only how to tell of a failure. */
    private static int call(Main main, Callable<Integer> command, String... arguments) {
        try {
            return command.call();
        } catch (Exception e) {
            return failed(main, e, Commands.line(main, arguments).getSubcommands().get(arguments[0]), arguments);
        }
    }

    private static int failed(Main main, Exception e, CommandLine at, String... arguments) {
        return TerminalQuestion.of(e, at)
                .flatMap(question -> question.ask(arguments, at.getErr(), System.console()::readLine))
                .map(again -> execute(main, Commands.line(main, again), again))
                .orElseGet(() -> main.report(e, at));
    }

    private static int execute(Main main, CommandLine line, String... arguments) {
        return HelpPages.grouped(withManners(line), () -> main.all).setUsageHelpAutoWidth(true)
                .setExecutionStrategy(main::runLast)
                .setExecutionExceptionHandler((e, at, parsed) -> failed(main, e, at, arguments))
                .setParameterExceptionHandler(Main::usageError).execute(arguments);
    }

    /** Sets a command line up to read options as all of Retort's commands do. */
    static CommandLine withManners(CommandLine line) {
        return line.setCaseInsensitiveEnumValuesAllowed(true);
    }

    private int runLast(CommandLine.ParseResult parsed) {
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped != null) return helped;
        if (all) Commands.refuse(spec, HelpPages.ALL + " belongs to --help");
        return new CommandLine.RunLast().execute(parsed);
    }

    @Override
    public void run() {
        Commands.refuse(spec, """
                which command? Three things to try:
                  retort chat          talk to the student that comes along
                  retort demo --quick  see in a few minutes how such a student is made
                  retort index --data YOUR_DIALOGUES --out my.index
                                       let it answer out of your own replies""");
    }

    private static int usageError(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("retort: " + (e instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched(unmatched)
                : e.getMessage()));
        err.println("Try: " + line.getCommandSpec().qualifiedName() + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    /** What is said of an argument that a command does not know. */
    private static String unmatched(CommandLine.UnmatchedArgumentException e) {
        String argument = e.getUnmatched().getFirst();
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String name = command.qualifiedName();
        if (argument.startsWith("-")) {
            String typed = argument.split("=", 2)[0];
            return name + " has no option '" + typed + "'" + Suggestions.question(Suggestions.of(typed,
                    command.options().stream().map(option -> option.longestName()).toList()));
        }
        if (command.subcommands().isEmpty()) return name + " takes no argument '" + argument + "'";
        return "there is no command '" + argument + "'" + Suggestions.question(Suggestions.of(argument,
                command.subcommands().keySet()).stream().map(near -> "`" + name + " " + near + "`").toList());
    }

    private int report(Exception e, CommandLine line) {
        PrintWriter err = line.getErr();
        if (debug) e.printStackTrace(err);
        err.println("retort: " + (e instanceof InvalidSetting refused
                ? SettingsOptions.inOptions(refused, line.getCommandSpec())
                : SettingsOptions.inOptions(message(e), line.getCommandSpec())));
        if (e instanceof NoGpu || e instanceof TeacherUnavailable) return CommandLine.ExitCode.SOFTWARE;
        return e instanceof BadInput || e instanceof InvalidSetting || e instanceof NoSuchFileException
                || e instanceof InvalidPathException
                        ? CommandLine.ExitCode.USAGE
                        : CommandLine.ExitCode.SOFTWARE;
    }

    private static String message(Error e) {
        return switch (e) {
            case OutOfMemoryError _ -> "out of memory; give the JVM more with RETORT_JAVA_OPTS=-Xmx8g, or work on less";
            case LinkageError _ -> "a library does not load here (" + atBottom(e) + "); `retort doctor` tells more";
            default -> "internal error, please report it (--debug shows where): " + e;
        };
    }

    /** The message of what brought a failure about in the first place. */
    private static String atBottom(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) cause = cause.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static String message(Exception e) {
        return switch (e) {
            case BadInput bad -> bad.getMessage();
            case TrainingDiverged diverged -> diverged.getMessage();
            case GpuException gpu -> gpu.getMessage();
            case UncheckedIOException unchecked -> message(unchecked.getCause());
            case InvalidPathException path -> Encodings.problem(path);
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file; check the path";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileSystemException file ->
                file.getFile() + ": " + (file.getReason() == null ? "cannot be used" : file.getReason());
            case IOException io -> "input or output failed: " + io.getMessage();
            default -> "internal error, please report it (--debug shows where): " + e;
        };
    }
}
