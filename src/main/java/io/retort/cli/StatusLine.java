package io.retort.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A line of standard error that is rewritten a few times a second; nothing is shown where standard error is no
 * terminal. For use by any thread.
 */
final class StatusLine implements AutoCloseable {
    private static final long INTERVAL_NANOS = 200_000_000L;
    private static final boolean TERMINAL = Boolean.getBoolean("retort.terminal");
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final boolean visible;
    private long shown = System.nanoTime() - INTERVAL_NANOS;
    private boolean printed;

    StatusLine() {
        this(System.err, TERMINAL);
    }

    StatusLine(PrintStream out, boolean visible) {
        this.out = out;
        this.visible = visible;
    }

    boolean isVisible() {
        return visible;
    }

    /**
     * Shows a text in place of the last one, unless that is too new.
     *
     * @param last whether the text is shown however new the last one is
     */
    synchronized void show(Supplier<String> text, boolean last) {
        long now = System.nanoTime();
        if (!visible || now - shown < INTERVAL_NANOS && !last) return;
        shown = now;
        printed = true;
        out.print(CLEAR + text.get());
        out.flush();
    }

    /** Prints a text above the status line, where it stays. */
    synchronized void keep(String text) {
        if (!visible) return;
        out.println(CLEAR + text);
        out.flush();
    }

    /** Writes a duration for people, such as {@code 2:10 min} or {@code 3 h 05 min}. */
    static String clock(double seconds) {
        Duration left = Duration.ofSeconds(Math.round(seconds));
        return left.toHours() > 0
                ? String.format(Locale.ROOT, "%d h %02d min", left.toHours(), left.toMinutesPart())
                : String.format(Locale.ROOT, "%d:%02d min", left.toMinutes(), left.toSecondsPart());
    }

    @Override
    public synchronized void close() {
        if (printed) out.print(CLEAR);
        out.flush();
    }
}
