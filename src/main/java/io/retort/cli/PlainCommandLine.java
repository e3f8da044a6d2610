package io.retort.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Reads the command lines that are typed most, {@code reply} and {@code chat} with few options, each as picocli would:
 * picocli takes longer than an answer. Whatever is not written in the plainest way is left to picocli, as are mistakes:
 * other options, options that stand twice, {@code --option=value}, values that are empty or begin with a hyphen, and
 * files of arguments.
 */
final class PlainCommandLine {
    /** The most digits of a number that is surely an int. */
    private static final int DIGITS = 9;

    private final List<String> turns = new ArrayList<>();
    private String model;
    private String index;
    private String bot;
    private String k;
    private boolean json;

    private PlainCommandLine() {}

    /** The command that arguments ask for, ready to run; empty if picocli has to read them. */
    static Optional<Callable<Integer>> read(String... arguments) {
        if (arguments.length == 0) return Optional.empty();
        PlainCommandLine line = new PlainCommandLine();
        boolean isReply = arguments[0].equals("reply");
        if (!isReply && !arguments[0].equals("chat")) return Optional.empty();
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            boolean isTaken;
            if (argument.equals("--json")) isTaken = isReply && line.takeJson();
            else
                if (argument.startsWith("-"))
                    isTaken = ++i < arguments.length && line.take(argument, arguments[i], isReply);
                else
                    isTaken = line.takeBot(argument);
            if (!isTaken) return Optional.empty();
        }
        return isReply && line.turns.isEmpty() ? Optional.empty() : Optional.of(line.command(isReply));
    }

    private static boolean isPlain(String value) {
        return !value.isEmpty() && value.charAt(0) != '-' && value.charAt(0) != '@';
    }

    private boolean takeJson() {
        if (json) return false;
        json = true;
        return true;
    }

    private boolean takeBot(String name) {
        if (bot != null || !isPlain(name)) return false;
        bot = name;
        return true;
    }

    /** Takes an option with its value; false if it is none of these, was there before, or the value is not plain. */
    private boolean take(String option, String value, boolean isReply) {
        if (!isPlain(value)) return false;
        switch (option) {
            case "-m", "--model" -> {
                if (model != null) return false;
                model = value;
            }
            case "-i", "--index" -> {
                if (index != null) return false;
                index = value;
            }
            case "-c", "--context" -> {
                if (!isReply) return false;
                turns.add(value);
            }
            case "-k" -> {
                if (!isReply || k != null || !isNumber(value)) return false;
                k = value;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(String value) {
        return value.length() <= DIGITS && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private Callable<Integer> command(boolean isReply) {
        AnswerOptions answers = new AnswerOptions(model, path(index), path(bot));
        return isReply
                ? new ReplyCommand(answers, turns, k == null ? 1 : Integer.parseInt(k), json)
                : new ChatCommand(answers);
    }

    private static Path path(String name) {
        return name == null ? null : Path.of(name);
    }
}
