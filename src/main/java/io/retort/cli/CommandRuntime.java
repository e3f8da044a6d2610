package io.retort.cli;

import io.retort.graph.ComputeRuntime;
import io.retort.runtime.RuntimeSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * The runtime of the command that runs now: opened when it is first asked for, by whichever of the command's options,
 * and closed when the command ends. A command that asks with other settings (an experiment whose cells have their own)
 * gets another, closed with the first.
 */
final class CommandRuntime {
    private static final ScopedValue<CommandRuntime> RUNNING = ScopedValue.newInstance();

    private final Map<RuntimeSettings, ComputeRuntime> opened = new LinkedHashMap<>();

    private CommandRuntime() {}

    /** Runs a command, and closes what it opened. */
    static int around(IntSupplier command) {
        CommandRuntime runtime = new CommandRuntime();
        try {
            return ScopedValue.where(RUNNING, runtime).call(command::getAsInt);
        } finally {
            runtime.close();
        }
    }

    /** The runtime that a command computes in, opened by these settings. */
    static ComputeRuntime of(RuntimeSettings settings) {
        return RUNNING.orElseThrow(() -> new IllegalStateException("no command runs in this thread")).get(settings);
    }

    private synchronized ComputeRuntime get(RuntimeSettings settings) {
        return opened.computeIfAbsent(settings, ComputeRuntime::open);
    }

    private synchronized void close() {
        opened.values().forEach(ComputeRuntime::close);
        opened.clear();
    }
}
