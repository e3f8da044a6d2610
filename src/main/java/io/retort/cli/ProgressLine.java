package io.retort.cli;

import io.retort.cli.StatusText.Importance;
import io.retort.files.Progress;
import java.util.Locale;
import java.util.OptionalDouble;

/** Shows progress, with speed and time left, on a {@link StatusLine}. */
final class ProgressLine implements Progress, AutoCloseable {
    /** Seconds before a time left is told: sooner it would be a guess. */
    private static final double LEAST_SECONDS = 1;

    private final String label;
    private final String unit;
    private final StatusLine status;
    private final long started = System.nanoTime();
    private final TimeLeft counts = new TimeLeft(), effort = new TimeLeft();
    private long done = -1, total = -1;
    private double wholeEffort;
    private String note = "";

    /**
     * @param unit of what is counted, in the plural: "replies", or "bytes", which are shown as MB
     */
    ProgressLine(String label, String unit) {
        this(label, unit, new StatusLine());
    }

    /**
     * @param status the line to be written to, which stays the caller's
     */
    ProgressLine(String label, String unit, StatusLine status) {
        this.label = label;
        this.unit = unit;
        this.status = status;
    }

    /** Shows that the work has begun, though nothing is counted yet: a model is loaded, say. */
    ProgressLine begun() {
        status.show(this::line, false);
        return this;
    }

    /** Sets a note that is shown beside the progress from the next update on. */
    synchronized void note(String text) {
        note = text;
    }

    @Override
    public void update(long amount, long of) {
        synchronized (this) {
            // Work that begins to count anew has come to its next part.
            if (amount < done || of != total) counts.restart();
            done = amount;
            total = of;
            counts.at(seconds(), amount);
        }
        status.show(this::line, amount == of);
    }

    /**
     * Takes note of work in units of which each takes about as long as any other, where what is counted takes now more,
     * now less time, or is done together with others: the time left is told by them.
     *
     * @param whole what {@code part} will reach
     */
    void effort(double part, double whole) {
        synchronized (this) {
            wholeEffort = whole;
            effort.at(seconds(), part / whole);
        }
        status.show(this::line, false);
    }

    private double seconds() {
        return (System.nanoTime() - started) / 1e9;
    }

    private synchronized StatusText line() {
        return line(seconds());
    }

    /** What is shown when the work has taken so many seconds. */
    synchronized StatusText line(double seconds) {
        StatusText text = new StatusText().add(label);
        if (done < 0) return text.add(Importance.TIME, " " + TimeLeft.clock(seconds), "");
        String count = " " + amount(done) + (total < 0 ? "" : " of " + amount(total)) + " " + unitName();
        if (total > 0) {
            String percent = String.format(Locale.ROOT, "%.0f %%", Math.floor(100 * share()));
            text.add(Importance.AMOUNT, count + " (" + percent + ")", " " + percent);
        } else {
            text.add(Importance.AMOUNT, count, " " + amount(done));
        }
        counts.speed().ifPresent(
                speed -> text.add(Importance.SPEED, ", " + rate(speed) + " " + unitName() + "/s", ""));
        if (!note.isEmpty()) text.add(Importance.DETAIL, ", " + note, "");
        OptionalDouble left = wholeEffort > 0 ? effort.until(1, seconds) : counts.until(total, seconds);
        if (total <= done) return text;
        if (left.isPresent() && seconds >= LEAST_SECONDS) return text.add(TimeLeft.text(left.getAsDouble()));
        return text.add(Importance.DETAIL, ", " + TimeLeft.clock(seconds), "");
    }

    private double share() {
        return Math.max((double) done / total, wholeEffort > 0 ? Math.min(1, effort.done()) : 0);
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
    public void close() {
        status.clear();
    }
}
