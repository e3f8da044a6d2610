package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * The summary of a report as a table: a row for each method, and one for the teacher's latency.
 *
 * @param columns heads of the figures
 * @param rows    figures as texts, by method
 */
record ReportTable(List<String> columns, SequencedMap<String, List<String>> rows) {
    static final String UNTRAINED = "No validation was better than the first, so these kept the weights they began with: ";
    private static final String ABSENT = "–";
    private static final List<String> RANKING = List.of("hits@1", "mrr");

    /** A column of the table: its head, its digits, and where its figure stands in the report of a method. */
    private record Column(String head, int digits, String... path) {
        String of(JsonNode method) {
            JsonNode node = method;
            for (String name : path) node = node.path(name);
            return number(node, digits);
        }
    }

    static ReportTable of(JsonNode report) {
        List<Column> columns = columns(report);
        SequencedMap<String, List<String>> rows = new LinkedHashMap<>();
        for (JsonNode method : report.path("methods")) {
            rows.put(method.get("method").asText(), columns.stream().map(column -> column.of(method)).toList());
        }
        JsonNode teacher = report.path("teacher").path("latency_ms");
        if (!teacher.isMissingNode()) {
            List<String> values = new ArrayList<>(Collections.nCopies(columns.size() - 2, ABSENT));
            values.add(number(teacher.path("p50"), 0));
            values.add(number(teacher.path("p99"), 0));
            rows.put("teacher", values);
        }
        return new ReportTable(columns.stream().map(Column::head).toList(), rows);
    }

    private static List<Column> columns(JsonNode report) {
        List<Column> columns = new ArrayList<>();
        report.path("tests").fieldNames().forEachRemaining(test -> RANKING.forEach(metric -> columns.add(
                new Column(test + " " + metric, 3, "tests", test, metric, "value"))));
        if (report.path("teacher").isObject()) {
            columns.add(new Column("LL", 3, "replies", "ll", "value"));
            columns.add(new Column("MI", 3, "replies", "mi", "value"));
        }
        columns.add(new Column("Dist-2", 3, "replies", "dist-2", "value"));
        columns.add(new Column("Dist-3", 3, "replies", "dist-3", "value"));
        columns.add(new Column("length", 1, "replies", "length", "value"));
        columns.add(new Column("p50 ms", 2, "latency_ms", "p50"));
        columns.add(new Column("p99 ms", 2, "latency_ms", "p99"));
        return columns;
    }

    static String number(JsonNode value, int digits) {
        return value.isNumber() ? String.format(Locale.ROOT, "%,." + digits + "f", value.asDouble()) : ABSENT;
    }

    /**
     * Runs that came to nothing: no validation was better than the one before the first step, whose weights were kept.
     */
    static List<String> untrained(JsonNode report) {
        List<String> names = new ArrayList<>();
        for (JsonNode cell : report.path("cells")) {
            if (cell.at("/provenance/best/step").asLong(-1) == 0) names.add(cell.get("name").asText());
        }
        return names;
    }

    /** The table in lines for a terminal: figures as rows, methods as columns, since names of tests are long. */
    static List<String> lines(JsonNode report) {
        ReportTable table = of(report);
        int width = table.columns.stream().mapToInt(String::length).max().orElse(0);
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder(" ".repeat(width));
        table.rows.keySet().forEach(name -> head.append(String.format(Locale.ROOT, "  %10s", name)));
        lines.add(head.toString());
        for (int i = 0; i < table.columns.size(); i++) {
            StringBuilder line = new StringBuilder(
                    String.format(Locale.ROOT, "%-" + width + "s", table.columns.get(i)));
            for (List<String> values : table.rows.values()) {
                line.append(String.format(Locale.ROOT, "  %10s", values.get(i)));
            }
            lines.add(line.toString());
        }
        List<String> untrained = untrained(report);
        if (!untrained.isEmpty()) lines.add(UNTRAINED + String.join(", ", untrained));
        return lines;
    }
}
