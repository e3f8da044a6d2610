package io.retort.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The command as it was typed, to be shown to people who may want to repeat it.
 *
 * @param arguments after {@code retort}
 */
record Invocation(List<String> arguments) {
    private static final ScopedValue<Invocation> RUNNING = ScopedValue.newInstance();
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./:=,@%+-]+");

    Invocation {
        arguments = List.copyOf(arguments);
    }

    /** The one that runs in this thread. */
    static Invocation current() {
        return RUNNING.orElse(new Invocation(List.of()));
    }

    /** Runs a command as this invocation. */
    int around(IntSupplier command) {
        return ScopedValue.where(RUNNING, this).call(command::getAsInt);
    }

    /** The same command with one more option, unless it has it. */
    Invocation with(String option) {
        if (arguments.contains(option)) return this;
        List<String> more = new ArrayList<>(arguments);
        more.add(option);
        return new Invocation(more);
    }

    /** The command as a shell takes it. */
    String text() {
        return "retort " + arguments.stream().map(Invocation::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String argument) {
        return PLAIN.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
