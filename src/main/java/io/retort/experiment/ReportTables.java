package io.retort.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;

/** The tables of a report's page. One thread. */
final class ReportTables {
    private final JsonNode report;
    private final List<String> methods;
    private final Markup page;

    ReportTables(JsonNode report, List<String> methods, Markup page) {
        this.report = report;
        this.methods = methods;
        this.page = page;
    }

    /** The table with a row for each method and a column for each figure. */
    void summary() {
        ReportTable table = ReportTable.of(report);
        page.element("h2", "Summary").open("div", "scroll").open("table", "").open("tr", "").element("th", "method");
        table.columns().forEach(column -> page.element("th", column));
        page.close("tr");
        table.rows().forEach((method, values) -> {
            page.open("tr", "").element("th", method);
            values.forEach(value -> page.element("td", value));
            page.close("tr");
        });
        page.close("table").close("div");
    }

    /** The table that compares every pair of methods by every metric. */
    void comparisons() {
        page.element("h2", "Significance").element("p", "note",
                "Paired by contexts; p of a bootstrap and of Wilcoxon's "
                        + "signed-rank test, both two-sided. A difference counts (✓) if both are below 0.05; no correction is "
                        + "made for the number of comparisons.");
        pairs(ReportTables::isChief);
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

    /** The replies of all methods to each sample, side by side. */
    void samples() {
        if (report.path("samples").isEmpty()) return;
        page.element("h2", "Replies side by side").element("p", "note",
                "The first contexts of the file, not selected; the first seed of each method.");
        for (JsonNode sample : report.path("samples")) {
            page.open("section", "sample").open("ol", "");
            sample.path("context").forEach(turn -> page.element("li", turn.asText()));
            page.close("ol").open("dl", "");
            sample.path("original").forEach(reply -> page.element("dt", "a person").element("dd", reply.asText()));
            for (Map.Entry<String, JsonNode> reply : sample.path("replies").properties()) {
                page.element("dt", "c" + Math.max(0, methods.indexOf(reply.getKey())) % 6, reply.getKey()).element("dd",
                        reply.getValue().asText());
            }
            page.close("dl").close("section");
        }
    }

    /** What each model was made of, run by run. */
    void runs() {
        page.element("h2", "Provenance").element("p", "note",
                "Each run can be made again from its folder, cells/NAME, with retort reproduce.");
        for (JsonNode cell : report.path("cells")) {
            page.open("details", "").element("summary", cell.get("name").asText() + " · " + cell.get("fingerprint")
                    .asText().substring(0, 12)).element("pre", cell.path("provenance").toPrettyString())
                    .close("details");
        }
        page.open("details", "").element("summary", "settings of the experiment").element("pre", report.path("settings")
                .toPrettyString()).close("details");
    }
}
