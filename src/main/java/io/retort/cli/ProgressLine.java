package io.retort.cli;

import io.retort.files.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** Shows progress, with speed and time left, on a {@link StatusLine}. */
final class ProgressLine implements Progress, AutoCloseable {
    private final String label;
    private final String unit;
    private final StatusLine status;
    private final long started = System.nanoTime();
    private long first = -1;
    private String note = "";

    /**
     * @param unit of what is counted, in the plural: "replies", or "bytes", which are shown as MB
     */
    ProgressLine(String label, String unit) {
        this(label, unit, new StatusLine());
    }

    ProgressLine(String label, String unit, PrintStream out, boolean visible) {
        this(label, unit, new StatusLine(out, visible));
    }

    private ProgressLine(String label, String unit, StatusLine status) {
        this.label = label;
        this.unit = unit;
        this.status = status;
    }

    /** Sets a note that is shown beside the progress from the next update on. */
    synchronized void note(String text) {
        note = text;
    }

    @Override
    public synchronized void update(long done, long total) {
        if (first < 0) first = done; // resumed work starts above zero
        status.show(() -> line(done, total, (System.nanoTime() - started) / 1e9), done == total);
    }

    String line(long done, long total, double seconds) {
        double speed = seconds > 0 ? (done - first) / seconds : 0;
        String text = label + " " + amount(done) + (total < 0 ? "" : " of " + amount(total)) + " " + unitName();
        if (total > 0) text += String.format(Locale.ROOT, " (%.0f %%)", 100.0 * done / total);
        if (speed > 0) text += ", " + rate(speed) + " " + unitName() + "/s";
        if (!note.isEmpty()) text += ", " + note;
        if (speed > 0 && total > done) text += ", " + StatusLine.clock((total - done) / speed) + " left";
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

    @Override
    public synchronized void close() {
        status.close();
    }
}
