package io.retort.jobs;

import java.util.ArrayList;
import java.util.List;

/** Draws the course of figures over training steps as lines, in SVG. */
record LinePlot(String title, List<Line> lines) {
    private static final int WIDTH = 440, HEIGHT = 240, LEFT = 48, RIGHT = 12, TOP = 8, BOTTOM = 26;

    /**
     * One line of the plot.
     *
     * @param color  its place among the colours
     * @param points {@code [step, value]} each
     */
    record Line(String name, int color, List<double[]> points) {
    }

    void draw(HtmlMarkup page) {
        List<Double> xs = new ArrayList<>(List.of(0.0)), ys = new ArrayList<>();
        for (Line line : lines) {
            for (double[] point : line.points) {
                xs.add(point[0]);
                ys.add(point[1]);
            }
        }
        double last = xs.stream().mapToDouble(x -> x).max().orElse(1);
        PlotAxis x = new PlotAxis(0, Math.max(1, last), false, LEFT, WIDTH - RIGHT);
        PlotAxis y = PlotAxis.around(ys, HEIGHT - BOTTOM, TOP);
        page.open("figure", "").element("figcaption", title)
                .numbers("<svg viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, HEIGHT).element("title", title);
        for (double tick : y.ticks()) {
            page.numbers("<line class=\"grid\" x1=\"%1$d\" x2=\"%2$d\" y1=\"%3$.1f\" y2=\"%3$.1f\"/>", LEFT,
                    WIDTH - RIGHT,
                    y.at(tick));
            page.numbers("<text class=\"name\" x=\"%d\" y=\"%.1f\">", LEFT - 6, y.at(tick) + 4).text(y.label(tick))
                    .close("text");
        }
        for (double tick : x.ticks()) {
            page.numbers("<text class=\"tick\" x=\"%.1f\" y=\"%d\">", x.at(tick), HEIGHT - 8).text(x.label(tick))
                    .close("text");
        }
        for (Line line : lines) draw(page, x, y, line);
        page.close("svg").close("figure");
    }

    private static void draw(HtmlMarkup page, PlotAxis x, PlotAxis y, Line line) {
        page.numbers("<g class=\"c%d\">", line.color).element("title", line.name).raw("<polyline points=\"");
        for (double[] point : line.points) page.numbers("%.1f,%.1f ", x.at(point[0]), y.at(point[1]));
        page.raw("\"/>").close("g");
    }
}
