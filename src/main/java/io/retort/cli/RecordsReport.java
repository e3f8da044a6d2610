package io.retort.cli;

import io.retort.dialogue.RecordFile;
import io.retort.ingest.ReadingReport;
import io.retort.jobs.RecordsListener;
import io.retort.jobs.RecordsResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Shows how a teacher's job goes: its progress where there is a file, the records themselves where there is none, and
 * at the end what was counted. For use by one thread.
 *
 * @param <R> what a record is
 */
final class RecordsReport<R> implements RecordsListener<R>, AutoCloseable {
    private final RecordFile<R> format;
    private final Output output;
    private final boolean printing;
    private final Consumer<R> people;
    private final StatusLine status;
    private final ProgressLine line;
    private final long started = System.nanoTime();
    private long tokens;

    /**
     * @param items  what the job works on, in the plural
     * @param people shows a record
     * @param status the line to be written to, which stays the caller's
     */
    RecordsReport(String job, String items, RecordFile<R> format, Optional<Path> out, Output output,
            Consumer<R> people, StatusLine status) {
        this.format = format;
        this.output = output;
        this.printing = out.isEmpty();
        this.people = people;
        this.status = status;
        this.line = new ProgressLine(job, items, status);
        if (!printing) line.begun();
    }

    @Override
    public void progress(long done, long total) {
        if (!printing) line.update(done, total);
    }

    @Override
    public void read(ReadingReport report) {
        if (report.isNews()) status.say("retort: " + report.sentence());
    }

    @Override
    public void effort(double done, double total) {
        if (!printing) line.effort(done, total);
    }

    @Override
    public void tokens(long more) {
        tokens += more;
        line.note(String.format(Locale.ROOT, "%,.0f tokens/s", tokens / ((System.nanoTime() - started) / 1e9)));
    }

    @Override
    public void made(R record) {
        if (!printing) return;
        if (output.json) output.json(format.values(record));
        else people.accept(record);
    }

    @Override
    public void noted(String note) {
        System.err.println("retort: " + note);
    }

    /** Prints what came of the job. */
    void tell(RecordsResult result) {
        line.close();
        if (printing) status.say(summary(result));
        else if (output.json) output.json(facts(result));
        else
            output.line(result.out().orElseThrow() + ": " + summary(result)
                    + (note(result).isEmpty() ? "" : ", " + note(result)));
    }

    private static Map<String, Object> facts(RecordsResult result) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("out", result.out().orElseThrow().toString());
        facts.putAll(result.counts());
        facts.put("seconds", seconds(result));
        facts.put("tokens_per_s", result.tokens() / seconds(result));
        if (!note(result).isEmpty()) facts.put("note", note(result));
        return facts;
    }

    private static String note(RecordsResult result) {
        if (result.finishedBefore()) return "finished before";
        return result.resumedAt() > 0 ? "resumed at " + result.resumedAt() : "";
    }

    private static String summary(RecordsResult result) {
        List<String> parts = new ArrayList<>();
        result.counts().forEach((name, count) -> parts.add(String.format(Locale.ROOT, "%,d %s", count,
                name.replace('_', ' '))));
        parts.add(String.format(Locale.ROOT, "%.1f s (%,.0f tokens/s)", seconds(result),
                result.tokens() / seconds(result)));
        return String.join(", ", parts);
    }

    private static double seconds(RecordsResult result) {
        return result.time().toNanos() / 1e9;
    }

    @Override
    public void close() {
        line.close();
    }
}
