package io.retort.cli;

import java.io.PrintStream;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * A line of standard error that is rewritten a few times a second, never wider than the terminal; nothing is shown where
 * standard error is no terminal. All that is shown of long work goes through one, and messages, too, so that neither
 * leaves pieces of the other. Work in stages has one line for all of them, which begins with the {@linkplain #stage
 * stage}. Any thread.
 */
final class StatusLine implements AutoCloseable {
    private static final long INTERVAL_NANOS = 200_000_000L;
    /** How long the line stays as it is where nothing is told: its clock goes on, so that people see that it lives. */
    private static final long TICK_MILLIS = 1000;
    private static final String CLEAR_LINE = "\u001b[K", CLEAR_BELOW = "\u001b[J";

    private final PrintStream out;
    private final boolean visible;
    private final IntSupplier columns;
    private final boolean breaksAnew;
    private StatusText stage = new StatusText();
    private Supplier<StatusText> text;
    private long shown = System.nanoTime() - INTERVAL_NANOS;
    private String printed = "";
    private boolean ended;
    private Thread clock;

    /** A line of standard error. */
    StatusLine() {
        this(System.err, Terminal.isThere(), Terminal::columns, Terminal.breaksLinesAnew());
    }

    /**
     * @param columns    of the terminal, asked for each time that the line is written
     * @param breaksAnew whether the terminal breaks lines anew when it is made narrower
     */
    StatusLine(PrintStream out, boolean visible, IntSupplier columns, boolean breaksAnew) {
        this.out = out;
        this.visible = visible;
        this.columns = columns;
        this.breaksAnew = breaksAnew;
    }

    boolean isVisible() {
        return visible;
    }

    /** Says which stage of the work it is that is shown from now on. */
    synchronized void stage(int number, int of) {
        stage = new StatusText().add(StatusText.Importance.STAGE, "stage " + number + " of " + of + ", ",
                number + "/" + of + " ");
    }

    /**
     * Shows a text in place of the last one, unless that is too new; the text is asked for again as time goes on.
     *
     * @param last whether the text is shown however new the last one is
     */
    synchronized void show(Supplier<StatusText> what, boolean last) {
        if (!visible || ended) return;
        text = what;
        if (System.nanoTime() - shown >= INTERVAL_NANOS || last) write();
        if (clock == null) clock = Thread.ofPlatform().daemon().name("retort-status").start(this::tick);
    }

    private void tick() {
        while (true) {
            synchronized (this) {
                if (clock != Thread.currentThread()) return;
                if (text != null && System.nanoTime() - shown >= TICK_MILLIS * 1_000_000) write();
            }
            try {
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void write() {
        shown = System.nanoTime();
        int width = columns.getAsInt();
        // The last column stays free: a terminal that writes into it may go on to the next line.
        String line = new StatusText().add(stage).add(text.get()).within(width - 1);
        out.print(toItsBeginning(width) + line + CLEAR_LINE);
        out.flush();
        printed = line;
    }

    /** What leads to the beginning of the line as it stands, and clears the further lines that it was broken into. */
    private String toItsBeginning(int width) {
        int further = breaksAnew ? Math.max(0, Columns.of(printed) - 1) / width : 0;
        return further == 0 ? "\r" : "\r\u001b[" + further + "A" + CLEAR_BELOW;
    }

    /** Prints a text above the status line, where it stays, if there is a terminal. */
    synchronized void keep(String kept) {
        if (visible) say(kept);
    }

    /** Prints a message for people, terminal or not, above the status line. */
    synchronized void say(String message) {
        erase();
        out.println(message);
        out.flush();
        if (text != null && !ended) write();
    }

    /** Erases the line: the work that it told of is done, and other work may follow. */
    synchronized void clear() {
        erase();
        text = null;
        if (clock != null) clock.interrupt();
        clock = null;
    }

    private void erase() {
        if (printed.isEmpty()) return;
        out.print(toItsBeginning(columns.getAsInt()) + CLEAR_LINE);
        out.flush();
        printed = "";
    }

    /** Erases the line and shows nothing any more, whatever goes on: the process is ending. */
    synchronized void end() {
        clear();
        ended = true;
    }

    @Override
    public void close() {
        clear();
    }
}
