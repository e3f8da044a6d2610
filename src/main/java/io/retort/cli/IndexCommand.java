package io.retort.cli;

import io.retort.curate.CurationSettings;
import io.retort.files.BadInput;
import io.retort.ingest.ReadingReport;
import io.retort.jobs.IndexJob;
import io.retort.jobs.IndexSettings;
import io.retort.jobs.ReplyScreening;
import io.retort.safety.SafetyLevel;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetySettings;
import io.retort.store.ModelFolder;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "index", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Encodes replies into a response index, or appends them to one. Killed and started again with the same "
                    + "arguments, it goes on where it was; an index that is appended to stays as it was until all is "
                    + "there.",
            "A reply that comes again, in whatever spelling, is the same reply: its first text and its first metadata "
                    + "count."},
        footer = {"", "Say:  retort index --data talks.jsonl --out talks.index",
            "Say:  retort index --append-to talks.index --data more.jsonl",
            "Say:  retort index merge talks.index others.index --out all.index"},
        subcommands = IndexMergeCommand.class)
final class IndexCommand implements SettingsOptions.Configured, Callable<Integer> {
    private final SettingsOptions settings = SettingsOptions.of(IndexSettings.class, CurationSettings.class)
            .basic("data", "key", "min-words", "force");
    @Mixin
    private IndexModelOption model;
    @Mixin
    private Output output;

    @Option(names = {"-o", "--out"}, paramLabel = "FILE",
            description = "The index to write. With --append-to it may be left out: the index itself is written anew.")
    private Path out;

    @Option(names = "--append-to", paramLabel = "FILE",
            description = "An index of the same model, whose rows come first and keep their numbers.")
    private Path appendTo;

    @Option(names = "--screen", paramLabel = "LEVEL",
            description = "Leave out replies that a safety screen of this level stops by their words: standard or strict. "
                    + "Default: off.")
    private SafetyLevel screen;

    @Option(names = "--screen-report", paramLabel = "FILE",
            description = "With --screen: list what was left out, with the reason, in lines of JSON.")
    private Path screenReport;

    @Option(names = "--safety-config", paramLabel = "FILE",
            description = "With --screen: settings of the screen in JSON (docs/safety.md).")
    private Path safetyConfig;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException {
        if (settings.printed(output, IndexSettings.class, CurationSettings.class)) return 0;
        IndexJob job = new IndexJob(settings.get(IndexSettings.class), IndexCommand::mayReplace);
        if (out == null && appendTo == null) throw BadInput.of("--out is missing", "name the index to write");
        job.curatedBy(settings.get(CurationSettings.class));
        Optional<ReplyScreening> screening = screening();
        screening.ifPresent(job::screenedBy);
        ModelFolder folder = model.folder(Optional.ofNullable(appendTo));
        IndexJob.Result result;
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("index", "replies", status).begun();
                Interruption _ = Interruption.keeping(status)) {
            result = appendTo == null
                    ? job.build(model.runtime(), folder.path(), out, progress)
                    : job.append(model.runtime(), folder.path(), appendTo, out == null ? appendTo : out, progress);
        }
        result.reports().stream().filter(ReadingReport::isNews)
                .forEach(report -> System.err.println("retort: " + report.sentence()));
        job.curationReport().filter(report -> !report.leftOut().isEmpty() || !report.personal().isEmpty())
                .ifPresent(report -> System.err.println("retort: " + report.sentence()));
        if (screening.isPresent() && screenReport != null) screening.get().write(screenReport);
        screening.filter(its -> its.total() > 0).ifPresent(its -> System.err.println("retort: " + its.sentence()));
        if (output.json) output.json(facts(result, screening));
        else output.line(text(result));
        return 0;
    }

    private Optional<ReplyScreening> screening() throws IOException {
        if (screen == null || screen == SafetyLevel.OFF) {
            if (screenReport == null && safetyConfig == null) return Optional.empty();
            throw BadInput.of("nothing is screened", "say --screen standard or strict");
        }
        return Optional.of(new ReplyScreening(SafetyScreen.of(SafetySettings.of(Optional.of(screen),
                Optional.ofNullable(safetyConfig)))));
    }

    /** Asks the person at the terminal; where nobody is, nothing is replaced. */
    static boolean mayReplace(Path file, String holds) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) return false;
        String said = console.readLine("retort: %s %s. Replace it? [y/N] ", file, holds);
        return said != null && said.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }

    private static Map<String, Object> facts(IndexJob.Result result, Optional<ReplyScreening> screening) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("index", result.index().toString());
        facts.put("replies", result.replies());
        facts.put("added", result.added());
        facts.put("duplicates", result.duplicates());
        facts.put("too_short", result.tooShort());
        if (result.masked() > 0) facts.put("masked", result.masked());
        facts.put("read", result.reports().stream().map(ReadingFacts::of).toList());
        facts.put("resumed_at", result.resumedAt());
        facts.put("bytes", result.bytes());
        facts.put("seconds", result.seconds());
        facts.put("model", result.model());
        facts.put("key", key(result));
        screening.ifPresent(its -> {
            Map<String, Long> counts = new LinkedHashMap<>();
            its.counts().forEach((category, count) -> counts.put(category.key(), count));
            facts.put("screened", counts);
            facts.put("screened_by", "words");
        });
        if (result.wasThere()) facts.put("note", "was there already");
        return facts;
    }

    private static String key(IndexJob.Result result) {
        return result.key().name().toLowerCase(Locale.ROOT);
    }

    private String text(IndexJob.Result result) {
        if (result.wasThere()) {
            return String.format(Locale.ROOT, "%s: nothing to do: the same %,d replies are there (%s)", result.index(),
                    result.replies(), made(result));
        }
        long encoded = Math.min(result.added(), result.replies() - result.resumedAt());
        return String.format(Locale.ROOT, "%s: %,d replies%s%s (%s), %.1f MB, %.1f s (%,.0f replies/s)%s",
                result.index(), result.replies(), appendTo == null
                        ? ""
                        : String.format(Locale.ROOT,
                                ", %,d of them new (%,d were there already)", result.added(), result.duplicates()),
                leftOut(result),
                made(result), result.bytes() / 1e6, result.seconds(), encoded / result.seconds(),
                result.resumedAt() > 0 ? ", resumed at " + result.resumedAt() : "");
    }

    private static String leftOut(IndexJob.Result result) {
        String left = "";
        if (result.tooShort() > 0) {
            left += String.format(Locale.ROOT, " (%,d left out: fewer words than --min-words)", result.tooShort());
        }
        if (result.masked() > 0) {
            left += String.format(Locale.ROOT, " (%,d left out: personal data were masked in them)", result.masked());
        }
        return left;
    }

    /** How the index was made: what the command chose where the options say nothing is told as well. */
    private static String made(IndexJob.Result result) {
        return "model " + result.model() + ", key " + key(result);
    }
}
