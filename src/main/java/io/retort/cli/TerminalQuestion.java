package io.retort.cli;

import io.retort.ingest.Undecided;
import java.io.Console;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * Asks what a file does not tell, so that the command can begin again with the answer. It is asked on a terminal only;
 * elsewhere the error names the option that decides.
 *
 * @param undecided what is unclear
 */
record TerminalQuestion(Undecided undecided) {
    /** The question that an exception puts to who sits at the terminal; empty if nobody does, or it puts none. */
    static Optional<TerminalQuestion> of(Exception e, CommandLine command) {
        Console console = System.console();
        boolean canBeAsked = console != null && console.isTerminal() && e instanceof Undecided undecided
                && command.getCommandSpec().findOption("--" + undecided.setting()) != null;
        return canBeAsked ? Optional.of(new TerminalQuestion((Undecided) e)) : Optional.empty();
    }

    /**
     * Asks, and adds the answer to the arguments of the command.
     *
     * @param line reads a line; null at the end of the input
     * @return the arguments to begin again with; empty if there was no answer
     */
    Optional<String[]> ask(String[] arguments, PrintWriter out, Supplier<String> line) {
        String option = "--" + undecided.setting();
        out.println("retort: " + undecided.problem() + ". Which is it?");
        for (int i = 0; i < undecided.choices().size(); i++) {
            out.printf("  %d  %s %s%n", i + 1, option, undecided.choices().get(i));
        }
        out.print("A number, or a value of " + option + " (nothing to stop): ");
        out.flush();
        String answer = line.get();
        if (answer == null || answer.isBlank()) return Optional.empty();
        return Optional.of(with(arguments, option, chosen(answer.strip())));
    }

    private String chosen(String answer) {
        if (!answer.matches("[0-9]{1,3}")) return answer;
        int number = Integer.parseInt(answer);
        return number >= 1 && number <= undecided.choices().size() ? undecided.choices().get(number - 1) : answer;
    }

    /** The arguments with an option set anew. */
    private static String[] with(String[] arguments, String option, String value) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals(option)) i++;
            else if (!arguments[i].startsWith(option + "=")) all.add(arguments[i]);
        }
        all.add(option + "=" + value);
        return all.toArray(String[]::new);
    }
}
