package io.retort.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis of a plot, which maps values to places in the drawing.
 *
 * @param low         value at its beginning
 * @param high        value at its end, above {@code low}
 * @param logarithmic whether values stand by their logarithms
 * @param from        place of {@code low} in the drawing
 * @param to          place of {@code high}
 */
record PlotAxis(double low, double high, boolean logarithmic, double from, double to) {
    private static final double MARGIN = 0.06;
    private static final int TICKS = 5;

    /** An axis with a margin around values. */
    static PlotAxis around(List<Double> values, double from, double to) {
        double low = values.stream().mapToDouble(v -> v).min().orElse(0);
        double high = values.stream().mapToDouble(v -> v).max().orElse(1);
        double margin = high > low ? (high - low) * MARGIN : Math.max(Math.abs(high) * MARGIN, 1e-6);
        return new PlotAxis(low - margin, high + margin, false, from, to);
    }

    /**
     * An axis for figures that are shares: from 0, with a tick at every fifth, to 1, so that plots of several can be
     * compared by eye.
     */
    static PlotAxis ofShares(double from, double to) {
        return new PlotAxis(0, 1, false, from, to);
    }

    /** A logarithmic axis around values, from one power of ten to another. */
    static PlotAxis powersAround(List<Double> values, double from, double to) {
        double low = values.stream().mapToDouble(v -> v).min().orElse(1);
        double high = values.stream().mapToDouble(v -> v).max().orElse(10);
        double first = Math.floor(Math.log10(Math.max(low, 1e-6)));
        double last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(high, 1e-6))));
        return new PlotAxis(Math.pow(10, first), Math.pow(10, last), true, from, to);
    }

    /** The place of a value in the drawing, along this axis. */
    double at(double value) {
        double share = logarithmic
                ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
                : (value - low) / (high - low);
        return from + share * (to - from);
    }

    /** Round values between the axis's ends, at which it is labelled. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            for (double tick = low; tick <= high * 1.0001; tick *= 10) ticks.add(tick);
            return ticks;
        }
        double step = step();
        for (double i = Math.ceil(low / step); i * step <= high; i++) ticks.add(i * step);
        return ticks;
    }

    private double step() {
        double rough = (high - low) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double digit = rough / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    /** The label of a tick. */
    String label(double tick) {
        if (logarithmic)
            return tick < 1
                    ? String.format(Locale.ROOT, "%.2g", tick)
                    : String.format(Locale.ROOT, "%,.0f", tick);
        int digits = (int) Math.clamp(-Math.floor(Math.log10(step())), 0, 6);
        return String.format(Locale.ROOT, "%." + digits + "f", tick + 0.0);
    }
}
