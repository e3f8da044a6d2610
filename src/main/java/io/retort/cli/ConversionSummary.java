package io.retort.cli;

import io.retort.curate.CurationReport;
import io.retort.curate.LanguageGuess;
import io.retort.curate.PersonalTreatment;
import io.retort.curate.Spread;
import io.retort.ingest.ReadingReport;
import io.retort.jobs.ConvertJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a conversion found, in lines for people. */
final class ConversionSummary {
    private static final int MOST_SPEAKERS = 6;
    private static final int MOST_LANGUAGES = 6;
    private static final int MOST_FREQUENT = 5;

    private final ConvertJob.Result result;
    private final CurationReport report;
    private final PersonalTreatment treatment;
    private final List<String> lines = new ArrayList<>();

    ConversionSummary(ConvertJob.Result result, PersonalTreatment treatment) {
        this.result = result;
        this.report = result.report();
        this.treatment = treatment;
    }

    List<String> lines() {
        boolean isTalk = result.kind().equals("dialogues");
        for (ReadingReport file : result.files()) lines.add(file.sentence());
        lines.add(written(isTalk));
        if (!report.leftOut().isEmpty()) fact("left out", listed(report.leftOut(), Function.identity(), 20));
        if (isTalk) {
            fact("speakers", number(report.speakers().size()) + ": " + shares(report.speakers(), report.turns(),
                    MOST_SPEAKERS, Function.identity()));
            fact("turns a talk", spread(report.lengths()));
        }
        fact(isTalk ? "words a turn" : "words", spread(report.words()));
        long lookedFor = report.languagesLookedFor();
        fact("languages", shares(report.languages(), lookedFor, MOST_LANGUAGES,
                code -> code.equals(LanguageGuess.UNKNOWN) ? "too short to tell" : code)
                + (lookedFor < report.dialogues() ? " of " + number(lookedFor) + " that were looked at" : ""));
        fact("repeated", (isTalk ? number(report.repeatedDialogues()) + " dialogues; " : "")
                + number(report.repeatedReplies()) + " of " + number(report.replies()) + " replies, "
                + number(report.similarReplies()) + " more nearly so"
                + (report.compared() < report.replies() ? " among the first " + number(report.compared()) : "")
                + (report.isExact() ? "" : " (at least)"));
        if (!report.bounds().isEmpty()) {
            fact("bounds", "more than is remembered, so that later repetitions may be missed: "
                    + String.join(", ", report.bounds()));
        }
        report.frequent().stream().limit(MOST_FREQUENT).forEach(each -> fact("", String.format(Locale.ROOT,
                "%,7d × %s", each.times(), each.text())));
        fact("personal data", report.personal().isEmpty()
                ? "none found"
                : listed(report.personal(), kind -> kind.name().toLowerCase(Locale.ROOT), 20) + ": " + treated());
        fact("suspicious", report.suspicious().isEmpty()
                ? "nothing"
                : listed(report.suspicious(), sign -> sign.words(), 20));
        report.suspicious().keySet().forEach(sign -> report.examples().get(sign).forEach(example -> fact("",
                example.where() + ", turn " + example.turn() + ": " + sign.words() + ": " + example.text())));
        return lines;
    }

    private String written(boolean isTalk) {
        String kept = number(report.keptDialogues()) + " " + result.kind() + (isTalk
                ? ", " + number(report.keptTurns()) + " turns"
                : "");
        String speed = String.format(Locale.ROOT, "%.1f s (%.1f MB/s)", result.seconds(),
                result.bytesRead() / 1e6 / result.seconds());
        return result.out().map(out -> String.format(Locale.ROOT, "%s: %s, %.1f MB, %s", out, kept,
                result.bytes() / 1e6, speed)).orElse("nothing written: would be " + kept + ", " + speed);
    }

    private String treated() {
        return switch (treatment) {
            case KEEP -> "kept (--personal-data mask or drop)";
            case MASK -> "masked";
            case DROP -> "their turns left out";
            case DROP_DIALOGUE -> "their dialogues left out";
        };
    }

    private void fact(String name, String value) {
        lines.add(String.format(Locale.ROOT, "  %-14s %s", name, value));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static <K> String listed(Map<K, Long> counts, Function<K, String> name, int most) {
        return counts.entrySet().stream().limit(most).map(each -> number(each.getValue()) + " "
                + name.apply(each.getKey())).collect(Collectors.joining(", "));
    }

    private static String shares(Map<String, Long> counts, long of, int most, Function<String, String> name) {
        return counts.entrySet().stream().limit(most)
                .map(each -> String.format(Locale.ROOT, "%s %.1f %%", name.apply(each.getKey()),
                        100.0 * each.getValue() / Math.max(1, of)))
                .collect(Collectors.joining(", ")) + (counts.size() > most ? ", …" : "");
    }

    private static String spread(Spread spread) {
        return String.format(Locale.ROOT, "mean %.1f, median %,d, 95 %% up to %,d, longest %,d", spread.mean(),
                spread.quantile(0.5), spread.quantile(0.95), spread.greatest());
    }
}
