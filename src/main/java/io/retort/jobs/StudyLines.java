package io.retort.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report of a study as tables of text. It says what the JSON says; the page takes its sentences and figures. */
final class StudyLines {
    private static final String ABSENT = "–";

    private StudyLines() {}

    /**
     * A table of texts.
     *
     * @param title of it
     * @param head  of its columns
     * @param rows  each as long as the head; the first column holds names
     */
    record Table(String title, List<String> head, List<List<String>> rows) {
        private List<String> lines() {
            List<List<String>> all = new ArrayList<>();
            all.add(head);
            all.addAll(rows);
            List<String> lines = new ArrayList<>(List.of("", title));
            for (List<String> row : all) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < head.size(); i++) {
                    int column = i;
                    int width = Math.max(1,
                            all.stream().mapToInt(each -> each.get(column).length()).max().orElse(1));
                    line.append(i == 0 ? "  " : "   ")
                            .append(String.format(Locale.ROOT, "%" + (i == 0 ? "-" : "") + width + "s", row.get(i)));
                }
                lines.add(line.toString().stripTrailing());
            }
            return lines;
        }
    }

    static List<String> of(JsonNode report) {
        List<String> lines = new ArrayList<>();
        lines.add(lead(report));
        lines.addAll(warnings(report));
        for (Table table : tables(report)) lines.addAll(table.lines());
        lines.add("");
        lines.addAll(List.of(note(report).split("(?<=\\.) ")));
        return lines;
    }

    static boolean isPaired(JsonNode report) {
        return report.path("left_side").isObject() || report.path("systems").path(0).has("wins");
    }

    static String lead(JsonNode report) {
        return String.format(Locale.ROOT, "%s, \"%s\": %,d votes that count, of %,d judges, on %,d items%s.",
                report.path("form").asText(), report.path("question").asText(), report.path("votes").asLong(),
                report.path("judges").size(), report.path("items").asLong(),
                report.path("unjudged").asLong() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %,d of which nobody has judged yet",
                                report.path("unjudged").asLong()));
    }

    static String note(JsonNode report) {
        return isPaired(report)
                ? "Win rates are over decided votes; ties count for neither and are told beside them. Intervals are 95 %: "
                        + "Wilson's, and behind it the exact one of Clopper and Pearson; p is the exact binomial "
                        + "test's. Votes on one context hang together: the difference over contexts (wins less losses, "
                        + "bootstrap) allows for that. More votes: until a difference as measured is found with a power "
                        + "of 80 %."
                : "Intervals are 95 %; p is Welch's test of the means. More votes: until a difference as measured is "
                        + "found with a power of 80 %.";
    }

    /** What a reader should know before the figures. */
    static List<String> warnings(JsonNode report) {
        List<String> warnings = new ArrayList<>();
        String least = String.format(Locale.ROOT, "%.0f %%", 100 * report.path("checks_passed_least").asDouble());
        for (JsonNode judge : report.path("judges")) {
            if (!judge.path("excluded").asBoolean()) continue;
            warnings.add(String.format(Locale.ROOT, "%s is left out: %d of %d hidden checks right, less than %s.",
                    judge.path("judge").asText(), judge.path("passed").asInt(), judge.path("checks").asInt(), least));
        }
        JsonNode left = report.path("left_side");
        if (left.isObject() && (left.at("/ci/0").asDouble() > 0.5 || left.at("/ci/1").asDouble() < 0.5)) {
            warnings.add("Judges took the left side in " + percent(left)
                    + " of decided votes. Sides are balanced, so no system gains, but votes tell less.");
        }
        if (report.path("last_line_cut").asBoolean()) {
            warnings.add("The last line of the votes is not whole and was passed over.");
        }
        return warnings;
    }

    static List<Table> tables(JsonNode report) {
        List<Table> tables = new ArrayList<>();
        boolean isPaired = isPaired(report);
        if (!report.path("pairs").isEmpty()) tables.add(isPaired ? pairs(report) : differences(report));
        tables.add(isPaired ? wins(report) : scores(report));
        List<List<String>> agreements = new ArrayList<>();
        for (JsonNode each : report.path("agreement")) {
            agreements.add(List.of(each.path("question").asText(),
                    number(each.path("krippendorff_alpha"), "%.3f"), each.path("level").asText(),
                    each.path("items").asText(), each.path("votes").asText()));
        }
        tables.add(
                new Table("Agreement (Krippendorff's alpha)", List.of("question", "alpha", "level", "items", "votes"),
                        agreements));
        List<List<String>> judges = new ArrayList<>();
        for (JsonNode each : report.path("judges")) {
            judges.add(List.of(each.path("judge").asText(),
                    each.path("votes").asText() + "/" + each.path("items").asText(),
                    each.path("passed").asText() + "/" + each.path("checks").asText(),
                    number(each.path("median_seconds"), "%.1f"), each.path("excluded").asBoolean() ? "left out" : ""));
        }
        tables.add(new Table("Judges", List.of("judge", "votes", "checks", "median s", ""), judges));
        return tables;
    }

    private static Table pairs(JsonNode report) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode pair : report.path("pairs")) {
            JsonNode rate = pair.path("win_rate");
            rows.add(List.of(pair.path("a").asText() + " : " + pair.path("b").asText(), pair.path("wins").asText(),
                    pair.path("losses").asText(), pair.path("ties").asText(), percent(rate), interval(rate.path("ci")),
                    interval(rate.path("exact_ci")), number(pair.path("p"), "%.4f"),
                    number(pair.at("/over_contexts/difference"), "%+.2f") + " "
                            + signed(pair.at("/over_contexts/ci")),
                    more(pair)));
        }
        return new Table("Pairs", List.of("a : b", "a wins", "b wins", "ties", "a's rate", "Wilson", "exact", "p",
                "over contexts", "more votes"), rows);
    }

    private static Table differences(JsonNode report) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode pair : report.path("pairs")) {
            rows.add(List.of(pair.path("a").asText() + " : " + pair.path("b").asText(),
                    number(pair.path("difference"), "%+.3f"), number(pair.path("p"), "%.4f"), more(pair)));
        }
        return new Table("Pairs", List.of("a : b", "difference", "p", "more votes"), rows);
    }

    private static Table wins(JsonNode report) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode system : report.path("systems")) {
            rows.add(List.of(system.path("system").asText(), system.path("votes").asText(),
                    system.path("wins").asText(), system.path("losses").asText(), system.path("ties").asText(),
                    percent(system.path("win_rate")), interval(system.path("win_rate").path("ci"))));
        }
        return new Table("Systems", List.of("system", "votes", "wins", "losses", "ties", "rate", "Wilson"), rows);
    }

    private static Table scores(JsonNode report) {
        boolean isSsa = report.path("form").asText().startsWith("sensible");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode system : report.path("systems")) {
            List<String> row = new ArrayList<>(List.of(system.path("system").asText(), system.path("votes").asText()));
            String digits = isSsa ? "%.3f" : "%.2f";
            row.add(number(system.at("/score/value"), digits));
            row.add(number(system.at("/score/ci/0"), digits) + " to " + number(system.at("/score/ci/1"), digits));
            for (String share : isSsa ? List.of("sensible", "specific") : List.<String>of()) {
                row.add(percent(system.path(share)));
                row.add(interval(system.path(share).path("ci")));
            }
            rows.add(row);
        }
        return new Table("Systems", isSsa
                ? List.of("system", "votes", "SSA", "95 %", "sensible", "95 %", "specific", "95 %")
                : List.of("system", "votes", "mean", "95 %"), rows);
    }

    private static String more(JsonNode pair) {
        JsonNode more = pair.path("more_votes_needed");
        if (!more.isNumber()) return ABSENT;
        return more.asLong() == 0 ? "found" : String.format(Locale.ROOT, "%,d", more.asLong());
    }

    private static String number(JsonNode value, String format) {
        return value.isNumber() ? String.format(Locale.ROOT, format, value.asDouble()) : ABSENT;
    }

    static String percent(JsonNode share) {
        return share.path("value").isNumber()
                ? String.format(Locale.ROOT, "%.1f %%", 100 * share.path("value").asDouble())
                : ABSENT;
    }

    private static String interval(JsonNode ci) {
        return ci.isArray()
                ? String.format(Locale.ROOT, "%.1f–%.1f", 100 * ci.get(0).asDouble(), 100 * ci.get(1).asDouble())
                : ABSENT;
    }

    private static String signed(JsonNode ci) {
        return ci.isArray()
                ? String.format(Locale.ROOT, "[%+.2f, %+.2f]", ci.get(0).asDouble(), ci.get(1).asDouble())
                : "";
    }
}
