package io.retort.cli;

import io.retort.files.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Progress with speed and time left, on one line of standard error that is rewritten a few times a second; silent when
 * that is no terminal.
 */
final class ProgressLine implements Progress, AutoCloseable {
    private static final long INTERVAL_NANOS = 200_000_000L;
    private static final boolean TERMINAL = Boolean.getBoolean("retort.terminal");

    private final String label;
    private final String unit;
    private final PrintStream out;
    private final boolean visible;
    private final long started = System.nanoTime();
    private long shown = started - INTERVAL_NANOS;
    private long first = -1;
    private boolean printed;
    private String note = "";

    /**
     * @param unit of what is counted, in the plural: "replies", or "bytes", which are shown as MB
     */
    ProgressLine(String label, String unit) {
        this(label, unit, System.err, TERMINAL);
    }

    ProgressLine(String label, String unit, PrintStream out, boolean visible) {
        this.label = label;
        this.unit = unit;
        this.out = out;
        this.visible = visible;
    }

    /** Something more to be shown, from the next update on. */
    synchronized void note(String text) {
        note = text;
    }

    @Override
    public synchronized void update(long done, long total) {
        if (first < 0) first = done; // resumed work starts above zero
        long now = System.nanoTime();
        if (!visible || now - shown < INTERVAL_NANOS && done != total) return;
        shown = now;
        printed = true;
        out.print("\r\u001b[K" + line(done, total, (now - started) / 1e9));
        out.flush();
    }

    String line(long done, long total, double seconds) {
        double speed = seconds > 0 ? (done - first) / seconds : 0;
        String text = label + " " + amount(done) + (total < 0 ? "" : " of " + amount(total)) + " " + unitName();
        if (total > 0) text += String.format(Locale.ROOT, " (%.0f %%)", 100.0 * done / total);
        if (speed > 0) text += ", " + rate(speed) + " " + unitName() + "/s";
        if (!note.isEmpty()) text += ", " + note;
        if (speed > 0 && total > done) text += ", " + clock((total - done) / speed) + " left";
        return text;
    }

    private String amount(long n) {
        return unit.equals("bytes")
                ? String.format(Locale.ROOT, "%.1f", n / 1e6)
                : String.format(Locale.ROOT, "%,d", n);
    }

    private String rate(double speed) {
        return speed < 10 && !unit.equals("bytes")
                ? String.format(Locale.ROOT, "%.1f", speed)
                : amount(Math.round(speed));
    }

    private String unitName() {
        return unit.equals("bytes") ? "MB" : unit;
    }

    private static String clock(double seconds) {
        Duration left = Duration.ofSeconds(Math.round(seconds));
        return left.toHours() > 0
                ? String.format(Locale.ROOT, "%d h %02d min", left.toHours(), left.toMinutesPart())
                : String.format(Locale.ROOT, "%d:%02d min", left.toMinutes(), left.toSecondsPart());
    }

    @Override
    public synchronized void close() {
        if (printed) out.print("\r\u001b[K");
        out.flush();
    }
}
