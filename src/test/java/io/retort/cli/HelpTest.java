package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {
    static Stream<CommandLine> commands() {
        return Commands.line(new Main()).getSubcommands().values().stream()
                .filter(command -> !command.getCommandName().equals("help"));
    }

    static Stream<CommandLine> commandsAndTheirs() {
        return commands().flatMap(command -> Stream.concat(Stream.of(command),
                command.getSubcommands().values().stream()));
    }

    /** What is typed after {@code retort} for a command. */
    private static List<Object> names(CommandLine command) {
        String[] names = command.getCommandSpec().qualifiedName().split(" ");
        return List.of((Object[]) Arrays.copyOfRange(names, 1, names.length));
    }

    @ParameterizedTest
    @MethodSource("commandsAndTheirs")
    void helpNamesEveryOptionAndFitsEightyColumns(CommandLine command) {
        List<Object> names = names(command);
        String help = Run.ok(Stream.concat(names.stream(), Stream.of("--help")).toArray());
        for (OptionSpec option : command.getCommandSpec().options()) {
            // Settings of the stages of distill have a prefix, and are shown by --print-config.
            assertTrue(option.hidden() || help.contains(option.longestName()), option.longestName());
            assertTrue(option.description().length > 0, option.longestName());
        }
        help.lines().forEach(line -> assertTrue(line.length() <= 80, line));
        assertFalse(help.contains("${"), help);
        if (names.size() == 1) assertEquals(help, Run.ok("help", names.getFirst()));
    }

    @Test
    void theFirstHelpNamesEveryCommandAndWhereToBegin() {
        String help = Run.ok("--help");
        commands().forEach(command -> assertTrue(help.contains("  " + command.getCommandName() + " ")));
        assertTrue(help.contains("retort demo") && help.contains("Exit codes"));
        help.lines().forEach(line -> assertTrue(line.length() <= 80, line));
        assertTrue(Run.ok("--version").startsWith("retort "));
    }

    @Test
    void whatIsMistypedIsAnsweredWithASuggestion() {
        Run.refused(Run.of("repyl"), "repyl", "retort reply");
        Run.refused(Run.of("pull", "--lis"), "--lis'", "--list");
        Run.refused(Run.of("inspect"), "PATH", "retort inspect --help");
        Run.refused(Run.of("bench"), "which work?", "retort bench --help");
        Run.refused(Run.of(), "which command?", "retort --help");
        Run.refused(Run.of("reply", "-i", "x", "-c", "hi", "-k", "many"), "-k", "many", "retort reply --help");
        Run.refused(Run.of("index", "-d", "x", "-o", "y", "--key", "turn"), "--key", "turn", "REPLY");
    }
}
