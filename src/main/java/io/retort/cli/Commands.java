package io.retort.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine;

/**
 * The commands below {@code retort}, by their names. A command line is made with the one command that its first argument
 * names: making all of them, with the options of every settings record, takes longer than an answer. Help and mistyped
 * names get them all.
 */
final class Commands {
    private static final Map<String, Class<?>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("demo", DemoCommand.class);
        ALL.put("distill", DistillCommand.class);
        ALL.put("chat", ChatCommand.class);
        ALL.put("reply", ReplyCommand.class);
        ALL.put("serve", ServeCommand.class);
        ALL.put("convert", ConvertCommand.class);
        ALL.put("index", IndexCommand.class);
        ALL.put("eval", EvalCommand.class);
        ALL.put("study", StudyCommand.class);
        ALL.put("calibrate", CalibrateCommand.class);
        ALL.put("safety", SafetyCommand.class);
        ALL.put("mine", MineCommand.class);
        ALL.put("train", TrainCommand.class);
        ALL.put("reproduce", ReproduceCommand.class);
        ALL.put("experiment", ExperimentCommand.class);
        ALL.put("generate", GenerateCommand.class);
        ALL.put("score", ScoreCommand.class);
        ALL.put("synthesize", SynthesizeCommand.class);
        ALL.put("lm", LmCommand.class);
        ALL.put("encode", EncodeCommand.class);
        ALL.put("pull", PullCommand.class);
        ALL.put("import", ImportCommand.class);
        ALL.put("export", ExportCommand.class);
        ALL.put("inspect", InspectCommand.class);
        ALL.put("doctor", DoctorCommand.class);
        ALL.put("bench", BenchCommand.class);
        ALL.put("help", CommandLine.HelpCommand.class);
    }

    private Commands() {}

    /** The command line for some arguments: with the command that they begin with, or else with all. */
    static CommandLine line(Main main, String... arguments) {
        Class<?> named = arguments.length == 0 || arguments[0].equals("help") ? null : ALL.get(arguments[0]);
        CommandLine line = new CommandLine(main);
        if (named == null) ALL.forEach((name, command) -> line.addSubcommand(name, new CommandLine(command)));
        else line.addSubcommand(arguments[0], new CommandLine(named));
        return line;
    }

    /**
     * Refuses a command line. Thrown here and not by {@link Main}, whose loading would make the JVM read classes of
     * picocli.
     */
    static void refuse(CommandSpec spec, String message) {
        throw new CommandLine.ParameterException(spec.commandLine(), message);
    }

    /** The command line with all commands. */
    static CommandLine line(Main main) {
        return line(main, new String[0]);
    }
}
