package io.retort.jobs;

import java.util.ArrayList;
import java.util.List;

/**
 * Draws values with their confidence intervals, one below the other, as SVG.
 *
 * @param title of the plot
 * @param scale of its axis
 */
record IntervalPlot(String title, Scale scale, List<Entry> entries) {
    private static final int WIDTH = 440, LEFT = 92, RIGHT = 26, ROW = 24, TOP = 8, BOTTOM = 26;

    /** How values are placed. */
    enum Scale {
        /** Around the plot's own values. */
        OWN,
        /** From 0 to 1, the same for all plots of shares, so that they can be compared. */
        SHARES,
        /** By powers of ten. */
        LOGARITHMIC
    }

    /**
     * One value of the plot with its interval.
     *
     * @param color its place among the colours
     * @param text  of the value
     */
    record Entry(String name, int color, double value, double low, double high, String text) {
    }

    void draw(HtmlMarkup page) {
        int height = TOP + ROW * entries.size() + BOTTOM;
        List<Double> ends = new ArrayList<>();
        for (Entry entry : entries) ends.addAll(List.of(entry.value, entry.low, entry.high));
        PlotAxis axis = switch (scale) {
            case OWN -> PlotAxis.around(ends, LEFT, WIDTH - RIGHT);
            case SHARES -> PlotAxis.ofShares(LEFT, WIDTH - RIGHT);
            case LOGARITHMIC -> PlotAxis.powersAround(ends, LEFT, WIDTH - RIGHT);
        };
        page.open("figure", "").element("figcaption", title)
                .numbers("<svg viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, height).element("title", title);
        for (double tick : axis.ticks()) {
            page.numbers("<line class=\"grid\" x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/>", axis.at(tick),
                    TOP,
                    height - BOTTOM);
            page.numbers("<text class=\"tick\" x=\"%.1f\" y=\"%d\">", axis.at(tick), height - 8).text(axis.label(tick))
                    .close("text");
        }
        for (int i = 0; i < entries.size(); i++) draw(page, axis, entries.get(i), TOP + ROW * i + ROW / 2.0);
        page.close("svg").close("figure");
    }

    private void draw(HtmlMarkup page, PlotAxis axis, Entry entry, double y) {
        page.numbers("<text class=\"name\" x=\"%d\" y=\"%.1f\">", LEFT - 8, y + 4).text(entry.name).close("text");
        page.numbers("<g class=\"c%d\">", entry.color).element("title", entry.name + ": " + entry.text);
        page.numbers("<line class=\"whisker\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%3$.1f\" y2=\"%3$.1f\"/>",
                axis.at(entry.low),
                axis.at(entry.high), y);
        page.numbers("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", axis.at(entry.value), y).close("g");
    }
}
