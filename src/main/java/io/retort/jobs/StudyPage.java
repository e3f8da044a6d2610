package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report of a study as one HTML page that needs nothing else. It says what the JSON says. */
final class StudyPage {
    private static final int LONGEST = 13;

    private final JsonNode report;
    private final List<String> systems = new ArrayList<>();
    private final HtmlMarkup page = new HtmlMarkup();

    private StudyPage(JsonNode report) {
        this.report = report;
        report.path("systems").forEach(system -> systems.add(system.path("system").asText()));
    }

    static String of(JsonNode report) {
        return new StudyPage(report).write();
    }

    private String write() {
        page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                + "content=\"width=device-width, initial-scale=1\"/>\n").element("title", "Retort study")
                .open("style", "").raw(ReportPage.style()).close("style").close("head").raw("<body>\n");
        page.element("h1", "Human evaluation").element("p", "lead", StudyLines.lead(report));
        StudyLines.warnings(report).forEach(warning -> page.element("p", "warning", warning));
        page.element("p", "note", StudyLines.note(report));
        plots();
        for (StudyLines.Table table : StudyLines.tables(report)) write(table);
        samples();
        page.open("details", "").element("summary", "all figures as JSON").element("pre", figures())
                .close("details");
        return page.close("body").close("html").toString();
    }

    private String figures() {
        ObjectNode figures = report.deepCopy();
        figures.remove("samples");
        return figures.toPrettyString();
    }

    private int color(String system) {
        return 1 + Math.max(0, systems.indexOf(system)) % 6;
    }

    private void plots() {
        page.open("div", "plots");
        if (StudyLines.isPaired(report)) {
            List<IntervalPlot.Entry> rates = new ArrayList<>();
            for (JsonNode system : report.path("systems")) add(rates, system, "win_rate");
            plot("Win rate against the others, of decided votes; one half is the rate of chance",
                    IntervalPlot.Scale.SHARES, rates);
        } else {
            boolean isSsa = report.path("systems").path(0).has("sensible");
            List<IntervalPlot.Entry> scores = new ArrayList<>();
            for (JsonNode system : report.path("systems")) add(scores, system, "score");
            plot(isSsa ? "SSA: mean of sensible and specific" : "Mean rating, 1 to 5",
                    isSsa ? IntervalPlot.Scale.SHARES : IntervalPlot.Scale.OWN, scores);
            for (String share : List.of("sensible", "specific")) {
                List<IntervalPlot.Entry> shares = new ArrayList<>();
                for (JsonNode system : report.path("systems")) add(shares, system, share);
                plot("Replies that are " + share, IntervalPlot.Scale.SHARES, shares);
            }
        }
        page.close("div");
    }

    private void plot(String title, IntervalPlot.Scale scale, List<IntervalPlot.Entry> entries) {
        if (!entries.isEmpty()) new IntervalPlot(title, scale, entries).draw(page);
    }

    private void add(List<IntervalPlot.Entry> entries, JsonNode system, String figure) {
        JsonNode found = system.path(figure);
        if (!found.isObject()) return;
        String name = system.path("system").asText();
        double value = found.path("value").asDouble(), low = found.at("/ci/0").asDouble(),
                high = found.at("/ci/1").asDouble();
        entries.add(new IntervalPlot.Entry(shortened(name), color(name), value, low, high,
                String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", value, low, high)));
    }

    /** The name as it fits beside a plot. */
    private static String shortened(String name) {
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST - 1) + "…";
    }

    private void write(StudyLines.Table table) {
        page.element("h2", table.title()).open("div", "scroll").open("table", "").open("tr", "");
        table.head().forEach(head -> page.element("th", head));
        page.close("tr");
        for (List<String> row : table.rows()) {
            page.open("tr", "").element("th", row.getFirst());
            row.subList(1, row.size()).forEach(value -> page.element("td", value));
            page.close("tr");
        }
        page.close("table").close("div");
    }

    private void samples() {
        if (report.path("samples").isEmpty()) return;
        page.element("h2", "Items and votes").element("p", "note",
                "The first items that were judged, not selected; systems in the order in which judges saw them.");
        int number = 0;
        for (JsonNode sample : report.path("samples")) {
            page.open("section", "sample").element("h3", ++number + ". " + sample.path("context").asText());
            if (!sample.path("before").isEmpty()) {
                page.open("ol", "");
                sample.path("before").forEach(turn -> page.element("li", turn.asText()));
                page.close("ol");
            }
            page.open("dl", "");
            for (JsonNode shown : sample.path("shown")) {
                String system = shown.path("system").asText();
                page.element("dt", "c" + color(system), system).open("dd", "");
                for (JsonNode turn : shown.path("said")) page.open("div", "").text(turn.asText()).close("div");
                page.close("dd");
            }
            List<String> answers = new ArrayList<>();
            for (Map.Entry<String, JsonNode> answer : sample.path("answers").properties()) {
                answers.add(answer.getKey() + " × " + answer.getValue().asText());
            }
            page.element("dt", "votes").element("dd", String.join(", ", answers)).close("dl").close("section");
        }
    }
}
