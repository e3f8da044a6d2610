package io.retort.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Estimates how long work still takes, from how fast it went lately: over the last third of the time and at least
 * {@value #LEAST_SECONDS} seconds, so that a slow beginning is soon forgotten and a single slow step is not taken for
 * the rule.
 */
final class TimeLeft {
    private static final double LEAST_SECONDS = 20, SHARE = 1 / 3.0;
    private static final double APART = 0.25;

    /** Units of work that were done at a time, in seconds. */
    private record Point(double seconds, double done) {
    }

    private final Deque<Point> points = new ArrayDeque<>();
    private Point newest;
    private double began;

    /** Takes note of how much is done at a time; the first such note is where this process began. */
    void at(double seconds, double done) {
        newest = new Point(seconds, done);
        if (points.isEmpty()) began = seconds;
        if (points.isEmpty() || seconds - points.getLast().seconds >= APART) points.addLast(newest);
        double since = seconds - Math.max(LEAST_SECONDS, SHARE * (seconds - began));
        while (points.size() > 1 && second().seconds <= since) points.removeFirst();
    }

    /** Forgets what went before: other work is told of from now on. */
    void restart() {
        points.clear();
    }

    private Point second() {
        var each = points.iterator();
        each.next();
        return each.next();
    }

    /** How much was done at the last note. */
    double done() {
        return newest.done;
    }

    /** Units a second; empty until two times are known between which some were done. */
    OptionalDouble speed() {
        if (points.isEmpty()) return OptionalDouble.empty();
        Point from = points.getFirst();
        double speed = (newest.done - from.done) / (newest.seconds - from.seconds);
        return speed > 0 && Double.isFinite(speed) ? OptionalDouble.of(speed) : OptionalDouble.empty();
    }

    /** Seconds until so many units are done, counted from a time at or after the last note. */
    OptionalDouble until(double total, double now) {
        OptionalDouble speed = speed();
        if (speed.isEmpty()) return speed;
        return OptionalDouble.of(Math.max(0, (total - newest.done) / speed.getAsDouble() - (now - newest.seconds)));
    }

    /** Writes a time left for people, no more precise than an estimate is, such as {@code about 4 min left}. */
    static StatusText text(double seconds) {
        String amount = rounded(seconds);
        return amount.isEmpty()
                ? new StatusText().add(StatusText.Importance.TIME, ", a few seconds left", ", <10 s left", "")
                : new StatusText().add(StatusText.Importance.TIME, ", about " + amount + " left",
                        ", " + amount + " left", "");
    }

    /** A duration to two figures or so; empty for one of less than ten seconds. */
    static String rounded(double seconds) {
        if (seconds < 9.5) return "";
        if (seconds < 57.5) return 5 * Math.round(seconds / 5) + " s";
        long minutes = Math.round(seconds / 60);
        if (minutes < 60) return minutes + " min";
        long coarse = minutes < 600 ? 5 * Math.round(minutes / 5.0) : 60 * Math.round(minutes / 60.0);
        if (coarse < 2880) {
            return coarse / 60 + " h" + (coarse % 60 == 0 ? "" : String.format(Locale.ROOT, " %02d min", coarse % 60));
        }
        return Math.round(coarse / 1440.0) + " days";
    }

    /** Writes how long something has taken, such as {@code 0:07} or {@code 1:02:03}. */
    static String clock(double seconds) {
        long whole = Math.max(0, (long) seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
