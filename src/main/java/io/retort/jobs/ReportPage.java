package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * The report as one HTML page that needs nothing else: no network, no script; plots are SVG. It says what {@code
 * report.json} says.
 */
final class ReportPage {
    /** Fewer cases than these leave a share of one half uncertain by more than 0.1 either way. */
    private static final int FEW = 100;
    private static final List<String> REPLY_FIGURES = List.of("ll", "mi", "dist-2", "dist-3", "length");
    private static final Map<String, String> TITLES = Map.of("ll", "Teacher's LL of chosen replies (nats a token)",
            "mi",
            "Teacher's MI of chosen replies (nats a token)", "dist-2", "Dist-2 of chosen replies", "dist-3",
            "Dist-3 of chosen replies", "length", "Length of chosen replies (tokens)");

    private final JsonNode report;
    private final List<String> methods = new ArrayList<>();
    private final HtmlMarkup page = new HtmlMarkup();

    private ReportPage(ObjectNode report) {
        this.report = report;
        report.path("methods").forEach(method -> methods.add(method.get("method").asText()));
    }

    /** Writes the HTML page of a report. */
    public static String of(ObjectNode report) {
        return new ReportPage(report).write();
    }

    private String write() {
        page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                + "content=\"width=device-width, initial-scale=1\"/>\n").element("title", "Retort experiment")
                .open("style", "").raw(style()).close("style").close("head").raw("<body>\n");
        page.element("h1", "Retort experiment");
        head();
        fewCases();
        new Tables(report, methods, page).summary();
        rankingPlots();
        replyPlots();
        latency();
        curves();
        Tables tables = new Tables(report, methods, page);
        tables.comparisons();
        tables.samples();
        tables.timesAndSettings();
        tables.runs();
        return page.close("body").close("html").toString();
    }

    /** The style sheet of reports. */
    static String style() {
        try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head() {
        page.open("p", "lead").text(String.format(Locale.ROOT,
                "%,d contexts answered out of %,d replies, %,d of which the teacher alone gave. ",
                report.path("contexts").asLong(), report.path("responses").asLong(),
                report.path("generated_responses").asLong()));
        String teacher = report.path("teacher").path("name").asText("");
        page.text(teacher.isEmpty()
                ? "No teacher was given: chosen replies have no LL and MI, and there is no latency to compare with. "
                : "Teacher: " + teacher + ". ");
        page.text("Intervals are 95 %, over contexts; several seeds of a method are averaged context by context. "
                + "zero-shot is the model that all students begin from, as it is.").close("p");
        List<String> untrained = ReportTable.untrained(report);
        if (!untrained.isEmpty()) {
            page.element("p", "warning", ReportTable.UNTRAINED + String.join(", ", untrained) + ".");
        }
        page.open("p", "legend");
        for (String method : methods)
            page.numbers("<span class=\"c%d\">&#9679; ", color(method)).text(method).close(
                    "span");
        page.close("p");
    }

    /** Warns of tests whose intervals are too wide to tell methods apart, and of few answered contexts. */
    private void fewCases() {
        List<String> few = new ArrayList<>();
        for (Map.Entry<String, JsonNode> test : report.path("tests").properties()) {
            if (test.getValue().asLong() < FEW) few.add(test.getKey() + " (" + test.getValue().asText() + ")");
        }
        long contexts = report.path("contexts").asLong();
        if (contexts < FEW) few.add("answered contexts (" + contexts + ")");
        if (few.isEmpty()) return;
        page.element("p", "warning", "Few cases: " + String.join(", ", few) + ". With fewer than " + FEW
                + ", a share is uncertain by about ten points or more, and methods that differ may not be told apart.");
    }

    private int color(String method) {
        return Math.max(0, methods.indexOf(method)) % 6;
    }

    private void rankingPlots() {
        page.element("h2", "Ranking tests");
        for (Map.Entry<String, JsonNode> test : report.path("tests").properties()) {
            page.element("h3", test.getKey() + ", " + test.getValue().asText() + " contexts").open("div", "plots");
            for (String metric : List.of("hits@1", "mrr", "pos>adversarial", "pos>random")) {
                plot(metric, IntervalPlot.Scale.SHARES,
                        method -> method.path("tests").path(test.getKey()).path(metric));
            }
            page.close("div");
        }
    }

    private void replyPlots() {
        page.element("h2", "Replies out of the full response set, "
                + report.path("contexts").asText() + " contexts").open("div", "plots");
        for (String figure : REPLY_FIGURES) {
            plot(TITLES.get(figure), figure.startsWith("dist-") ? IntervalPlot.Scale.SHARES : IntervalPlot.Scale.OWN,
                    method -> method.path("replies").path(figure));
        }
        page.close("div");
    }

    private interface Figure {
        JsonNode of(JsonNode method);
    }

    private void plot(String title, IntervalPlot.Scale scale, Figure figure) {
        List<IntervalPlot.Entry> entries = new ArrayList<>();
        for (JsonNode method : report.path("methods")) {
            JsonNode found = figure.of(method);
            if (found.isMissingNode()) continue;
            String name = method.get("method").asText();
            double value = found.get("value").asDouble(), low = found.get("ci").get(0).asDouble(),
                    high = found.get("ci").get(1).asDouble();
            entries.add(new IntervalPlot.Entry(name, color(name), value, low, high,
                    String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high)));
        }
        if (!entries.isEmpty()) new IntervalPlot(title, scale, entries).draw(page);
    }

    private void latency() {
        List<IntervalPlot.Entry> entries = new ArrayList<>();
        for (JsonNode method : report.path("methods")) {
            String name = method.get("method").asText();
            entries.add(latency(name, color(name), method.get("latency_ms")));
        }
        JsonNode teacher = report.path("teacher").path("latency_ms");
        if (!teacher.isMissingNode()) entries.add(latency("teacher", 6, teacher));
        page.element("h2", "Latency").open("div", "plots");
        new IntervalPlot("One context at a time: median, and from there to the 99th percentile (ms)",
                IntervalPlot.Scale.LOGARITHMIC, entries)
                .draw(
                        page);
        page.close("div");
    }

    private static IntervalPlot.Entry latency(String name, int color, JsonNode found) {
        double p50 = found.get("p50").asDouble(), p99 = found.get("p99").asDouble();
        return new IntervalPlot.Entry(name, color, p50, p50, p99,
                String.format(Locale.ROOT, "p50 %.2f ms, p99 %.2f ms", p50, p99));
    }

    private void curves() {
        page.element("h2", "Training").open("div", "plots");
        curve("Loss", "loss");
        curve("Validation (the first metric)", "validation");
        page.close("div").element("p", "note", "Losses of different methods are different functions: compare courses, "
                + "not heights.");
    }

    private void curve(String title, String name) {
        List<LinePlot.Line> lines = new ArrayList<>();
        for (JsonNode cell : report.path("cells")) {
            List<double[]> points = new ArrayList<>();
            cell.path("curve").path(name).forEach(point -> points.add(new double[]{point.get(0).asDouble(),
                point.get(1).asDouble()}));
            if (!points.isEmpty()) {
                lines.add(new LinePlot.Line(cell.get("name").asText(), color(cell.get("method").asText()), points));
            }
        }
        if (!lines.isEmpty()) new LinePlot(title, lines).draw(page);
    }

    /** The tables of a report's page. For use by one thread. */
    private static final class Tables {
        private final JsonNode report;
        private final List<String> methods;
        private final HtmlMarkup page;

        Tables(JsonNode report, List<String> methods, HtmlMarkup page) {
            this.report = report;
            this.methods = methods;
            this.page = page;
        }

        /** Appends the table with a row for each method and a column for each figure. */
        void summary() {
            ReportTable table = ReportTable.of(report);
            page.element("h2", "Summary").open("div", "scroll").open("table", "").open("tr", "").element("th",
                    "method");
            table.columns().forEach(column -> page.element("th", column));
            page.close("tr");
            table.rows().forEach((method, values) -> {
                page.open("tr", "").element("th", method);
                values.forEach(value -> page.element("td", value));
                page.close("tr");
            });
            page.close("table").close("div");
        }

        /** Appends the table that compares every pair of methods by every metric. */
        void comparisons() {
            page.element("h2", "Significance").element("p", "note",
                    "Paired by contexts; p of a bootstrap and of Wilcoxon's "
                            + "signed-rank test, both two-sided. A difference counts (✓) if both are below 0.05; no correction is "
                            + "made for the number of comparisons.");
            pairs(Tables::isChief);
            page.open("details", "").element("summary", "other metrics");
            pairs(metric -> !isChief(metric));
            page.close("details");
        }

        /** Whether the methods are judged by this figure first. */
        private static boolean isChief(String metric) {
            return metric.endsWith(" hits@1") || metric.endsWith(" mrr") || metric.startsWith("teacher ");
        }

        private void pairs(Predicate<String> wanted) {
            SequencedMap<String, List<JsonNode>> byMetric = new LinkedHashMap<>();
            for (JsonNode pair : report.path("comparisons")) {
                String metric = pair.get("metric").asText();
                if (wanted.test(metric)) byMetric.computeIfAbsent(metric, _ -> new ArrayList<>()).add(pair);
            }
            page.open("div", "scroll").open("table", "").open("tr", "");
            for (String head : List.of("metric", "A", "B")) page.element("th", "text", head);
            for (String head : List.of("A − B", "95 %", "bootstrap p", "Wilcoxon p", "")) page.element("th", head);
            page.close("tr");
            byMetric.values().forEach(pairs -> pairs.forEach(this::pair));
            page.close("table").close("div");
        }

        private void pair(JsonNode pair) {
            boolean significant = pair.get("significant").asBoolean();
            page.open("tr", significant ? "" : "weak");
            for (String key : List.of("metric", "a", "b")) page.element("td", "text", pair.get(key).asText());
            page.element("td", String.format(Locale.ROOT, "%+.4f", pair.get("difference").asDouble()));
            page.element("td", String.format(Locale.ROOT, "%+.4f to %+.4f", pair.get("ci").get(0).asDouble(),
                    pair.get("ci").get(1).asDouble()));
            for (String key : List.of("bootstrap_p", "wilcoxon_p")) {
                page.element("td", ReportTable.number(pair.get(key), 4));
            }
            page.element("td", significant ? "✓" : "").close("tr");
        }

        /** Appends the replies of all methods to each sample, side by side. */
        void samples() {
            if (report.path("samples").isEmpty()) return;
            page.element("h2", "Replies side by side").element("p", "note",
                    "The first contexts of the file, not selected; the first seed of each method.");
            int number = 0;
            for (JsonNode sample : report.path("samples")) {
                page.open("section", "sample").element("h3", "Sample " + ++number).open("ol", "");
                sample.path("context").forEach(turn -> page.element("li", turn.asText()));
                page.close("ol").open("dl", "");
                sample.path("original").forEach(reply -> page.element("dt", "a person").element("dd", reply.asText()));
                for (Map.Entry<String, JsonNode> reply : sample.path("replies").properties()) {
                    page.element("dt", "c" + Math.max(0, methods.indexOf(reply.getKey())) % 6, reply.getKey()).element(
                            "dd",
                            reply.getValue().asText());
                }
                page.close("dl").close("section");
            }
        }

        /** Appends how long each run took, and the settings that were named. */
        void timesAndSettings() {
            page.element("h2", "Time and settings").open("div", "scroll").open("table", "").open("tr", "");
            for (String head : List.of("run", "steps", "examples", "tokens", "training s", "best step")) {
                page.element("th", head);
            }
            page.close("tr");
            for (JsonNode cell : report.path("cells")) {
                JsonNode made = cell.path("provenance");
                page.open("tr", "").element("th", cell.get("name").asText());
                for (String figure : List.of("steps", "examples", "tokens")) {
                    page.element("td", ReportTable.number(made.path(figure), 0));
                }
                page.element("td", ReportTable.number(made.path("seconds"), 1))
                        .element("td", ReportTable.number(made.at("/best/step"), 0)).close("tr");
            }
            page.close("table").close("div").open("div", "scroll").open("table", "settings");
            report.path("settings").properties().forEach(setting -> {
                if (setting.getValue().isNull() || setting.getValue().isEmpty() && setting.getValue().isContainerNode())
                    return;
                String value = setting.getValue().isTextual()
                        ? setting.getValue().asText()
                        : setting.getValue().toString();
                page.open("tr", "").element("th", setting.getKey()).element("td", "text", value).close("tr");
            });
            page.close("table").close("div");
        }

        /** Appends what each model was made of, run by run. */
        void runs() {
            page.element("h2", "Provenance").element("p", "note",
                    "Each run can be made again from its folder, cells/NAME, with retort reproduce.");
            for (JsonNode cell : report.path("cells")) {
                page.open("details", "").element("summary", cell.get("name").asText() + " · " + cell.get("fingerprint")
                        .asText().substring(0, 12)).element("pre", cell.path("provenance").toPrettyString())
                        .close("details");
            }
        }
    }
}
