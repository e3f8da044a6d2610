package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** A bot's report as one HTML page that needs nothing else. It says what {@code report.json} says. */
final class DistillPage {
    private final JsonNode report;
    private final HtmlMarkup page = new HtmlMarkup();

    private DistillPage(JsonNode report) {
        this.report = report;
    }

    /** Writes the HTML page of a report. */
    static String of(JsonNode report) {
        return new DistillPage(report).write();
    }

    private String write() {
        page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                + "content=\"width=device-width, initial-scale=1\"/>\n").element("title", "Retort bot")
                .open("style", "").raw(ReportPage.style()).close("style").close("head").raw("<body>\n");
        page.element("h1", "Your logs, your bot").element("p", "lead", DistillReport.head(report));
        DistillReport.warning(report).ifPresent(warning -> page.element("p", "warning", warning));
        quality();
        samples();
        costs();
        page.open("details", "").element("summary", "settings").element("pre",
                report.path("settings").toPrettyString()).close("details");
        return page.close("body").close("html").toString();
    }

    private void quality() {
        JsonNode quality = report.path("quality");
        if (!quality.isObject()) return;
        page.element("h2", "Quality").element("p", "note", DistillReport.quality(quality)
                + ". Before: the model that the student began from, as it is. Intervals are 95 %, over contexts.");
        page.open("div", "plots");
        for (String metric : DistillReport.METRICS) {
            JsonNode own = quality.path(metric);
            if (own.isObject()) {
                new IntervalPlot(metric + ": " + DistillReport.verdict(own), IntervalPlot.Scale.SHARES,
                        List.of(entry("before", 0, own.path("before")), entry("after", 3, own.path("after"))))
                        .draw(page);
            }
        }
        page.close("div");
    }

    private static IntervalPlot.Entry entry(String name, int color, JsonNode estimate) {
        double value = estimate.path("value").asDouble(), low = estimate.at("/ci/0").asDouble(),
                high = estimate.at("/ci/1").asDouble();
        return new IntervalPlot.Entry(name, color, value, low, high,
                String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", value, low, high));
    }

    private void samples() {
        if (report.path("samples").isEmpty()) return;
        page.element("h2", "Answers").element("p", "note", DistillReport.samplesTitle(report)
                + " the first of each dialogue, not selected.");
        int number = 0;
        for (JsonNode sample : report.path("samples")) {
            page.open("section", "sample").numbers("<p class=\"note\">%d</p>\n", ++number).open("ol", "");
            sample.path("context").forEach(turn -> page.element("li", turn.asText()));
            page.close("ol").open("dl", "").element("dt", "a person").element("dd", sample.path("person").asText())
                    .element("dt", "c3", "the bot").element("dd", sample.path("answer").asText()).close("dl")
                    .close("section");
        }
    }

    private void costs() {
        page.element("h2", "Cost").open("div", "scroll").open("table", "");
        DistillReport.costs(report).forEach((stage, cost) -> page.open("tr", "").element("th", stage)
                .element("td", "text", cost).close("tr"));
        page.close("table").close("div");
    }
}
