package io.retort.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine;

/**
 * What {@code --help} shows: the options that most people need, described, and the names of the rest, which
 * {@code --help --all} describes as well.
 */
final class HelpPages {
    static final String ALL = "--all";
    /** Options of many commands that few people need. */
    private static final Set<String> RARE = Set.of("--engine", "--threads", "--debug", ALL, "--config",
            "--print-config", "--hub", "--help", "--version");
    private static final Set<String> ABOUT_HELP = Set.of("--help", "--version", ALL);

    private HelpPages() {}

    /**
     * Has a command and those below it show their options so.
     *
     * @param all whether everything is described, asked when a page is shown
     */
    static CommandLine grouped(CommandLine line, BooleanSupplier all) {
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                help -> options(help, all.getAsBoolean()));
        if (options(line.getCommandSpec()).anyMatch(option -> isAdvanced(option, line.getCommandSpec()))) {
            line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        }
        line.getSubcommands().values().forEach(each -> grouped(each, all));
        return line;
    }

    private static Stream<OptionSpec> options(CommandSpec command) {
        return command.options().stream().filter(option -> !ABOUT_HELP.contains(option.longestName()));
    }

    private static boolean isAdvanced(OptionSpec option, CommandSpec command) {
        return RARE.contains(option.longestName()) || command.userObject() instanceof SettingsOptions.Configured it
                && it.settings().isAdvanced(option.longestName());
    }

    private static String options(Help help, boolean all) {
        CommandSpec command = help.commandSpec();
        List<OptionSpec> basic = new ArrayList<>(), advanced = new ArrayList<>();
        command.options().forEach(option -> (isAdvanced(option, command) ? advanced : basic).add(option));
        if (all) return described(help, basic) + "\nAdvanced:\n" + described(help, advanced);
        String names = advanced.stream().map(OptionSpec::longestName).sorted().collect(Collectors.joining(", "));
        return described(help, basic) + "\n"
                + folded("More, which `" + command.qualifiedName() + " --help " + ALL + "` describes: " + names + ".",
                        command.usageMessage().width())
                + "\n";
    }

    private static String described(Help help, List<OptionSpec> options) {
        Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
        options.sort(Comparator.comparing((OptionSpec option) -> option.longestName().replaceFirst("^-+", "")));
        layout.addOptions(options, help.parameterLabelRenderer());
        return layout.toString();
    }

    /** A sentence in lines of the given width. */
    private static String folded(String text, int width) {
        StringBuilder folded = new StringBuilder();
        int column = 0;
        for (String word : text.split(" ")) {
            if (column > 0 && column + 1 + word.length() >= width) {
                folded.append("\n  ");
                column = 2;
            } else if (column > 0) {
                folded.append(' ');
                column++;
            }
            folded.append(word);
            column += word.length();
        }
        return folded.toString();
    }
}
