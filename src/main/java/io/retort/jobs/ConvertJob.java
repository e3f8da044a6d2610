package io.retort.jobs;

import io.retort.curate.Curation;
import io.retort.curate.CurationReport;
import io.retort.curate.Inspected;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DialogueLine;
import io.retort.dialogue.RecordFile;
import io.retort.dialogue.RecordWriter;
import io.retort.dialogue.Response;
import io.retort.dialogue.ResponseFile;
import io.retort.files.BadInput;
import io.retort.files.BytesRead;
import io.retort.files.Progress;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.settings.InvalidSetting;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads conversations in whatever format they are, keeps of them what the settings say, writes them in Retort's own form,
 * and reports what is in them. Memory is bounded whatever their size. The file appears whole at the end, or not at all.
 */
public final class ConvertJob {
    /** Dialogues whose ids are remembered, so that files with equal ids can be put together. */
    private static final int MOST_IDS = 8_000_000;
    private static final Predicate<String> EVERYBODY = _ -> true;
    /** Records between two looks at the progress. */
    private static final int BETWEEN = 64;

    private final ConvertSettings settings;
    private final Optional<Path> out;
    private final Long2IntOpenHashMap ids = new Long2IntOpenHashMap();
    private final List<ReadingReport> files = new ArrayList<>();
    private boolean forgetsIds;
    private volatile boolean stopping;

    /**
     * Prepares a conversion; nothing is read yet.
     *
     * @param out the JSONL file to write, gzipped if it ends in .gz; if empty, there is a report alone
     */
    public ConvertJob(ConvertSettings settings, Optional<Path> out) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (out == null) throw new IllegalArgumentException("out is null");
        this.settings = settings;
        this.out = out;
    }

    /**
     * What came of a conversion.
     *
     * @param out         the file, if one was written
     * @param kind        what the records are: dialogues or replies
     * @param files       what each file was taken for, and how much of it was read
     * @param report      what was found and kept
     * @param bytes       of the file that was written; 0 if none was
     * @param bytesRead   of the files, as they are stored
     * @param seconds     that it took
     * @param interrupted whether it was stopped before its end; nothing was written then
     */
    public record Result(Optional<Path> out, String kind, List<ReadingReport> files, CurationReport report, long bytes,
            long bytesRead, double seconds, boolean interrupted) {
        public Result {
            files = List.copyOf(files);
        }

        /** All of it as plain values by name, as a JSON report has it. */
        public Map<String, Object> values() {
            Map<String, Object> values = new LinkedHashMap<>();
            out.ifPresent(file -> values.put("out", file.toString()));
            values.put("kind", kind);
            values.put("bytes", bytes);
            values.put("bytes_read", bytesRead);
            values.put("seconds", seconds);
            values.putAll(report.values());
            values.put("files", files.stream().map(Result::values).toList());
            return values;
        }

        private static Map<String, Object> values(ReadingReport file) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("file", file.file().toString());
            values.put("read_as", file.takenFor());
            values.put("records", file.records());
            values.put("turns", file.turns());
            values.put("broken", file.skipped());
            if (!file.firstBad().isEmpty()) values.put("first_broken", file.firstBad());
            values.put("left_out", file.leftOut());
            values.put("notes", file.notes());
            values.put("repliers", file.repliers());
            return values;
        }
    }

    /** Ends the conversion soon; nothing is written then. Any thread may ask for it. */
    public void stop() {
        stopping = true;
    }

    /**
     * Converts until the end, or until {@link #stop()}.
     *
     * @param progress counts bytes of the files as they are stored
     * @throws BadInput       if a file cannot be read, holds neither dialogues nor replies, or nothing is left to write
     * @throws InvalidSetting if no data are named
     */
    public Result run(Progress progress) throws IOException {
        if (progress == null) throw new IllegalArgumentException("progress is null");
        InvalidSetting.unless(!settings.data().isEmpty(), "data", settings.data(), "name files of conversations");
        long started = System.nanoTime();
        BytesRead bytes = new BytesRead();
        return bytes.during(() -> {
            List<SourceFile> sources = new ArrayList<>();
            for (Path file : settings.data()) sources.add(SourceFile.recognise(file, settings.reading()));
            Meter meter = new Meter(progress, bytes, total());
            Curation curation = new Curation(settings.curation());
            RecordFile<?> form = form(sources);
            boolean isWhole = form == DialogueFile.FORMAT
                    ? dialogues(sources, curation, meter)
                    : replies(sources, curation, meter);
            CurationReport report = curation.report();
            if (forgetsIds) report = report.withBound(String.format(Locale.ROOT, "%,d different ids", MOST_IDS));
            boolean isThere = isWhole && out.isPresent();
            return new Result(isThere ? out : Optional.empty(), form.contents(), files, report,
                    isThere ? Files.size(out.get()) : 0, bytes.count(), (System.nanoTime() - started) / 1e9, !isWhole);
        });
    }

    /** Size of all files together; -1 where one is no regular file. */
    private long total() throws IOException {
        long total = 0;
        for (Path file : settings.data()) {
            if (!Files.isRegularFile(file)) return -1;
            total += Files.size(file);
        }
        return total;
    }

    private static RecordFile<?> form(List<SourceFile> sources) {
        for (SourceFile source : sources) {
            boolean isConvertible = source.form() == DialogueFile.FORMAT || source.form() == ResponseFile.FORMAT;
            if (!isConvertible) {
                throw BadInput.in(source.file(), "holds " + source.form().contents() + ", which is Retort's own form",
                        "give dialogues or replies");
            }
            if (source.form() != sources.getFirst().form()) {
                throw BadInput.in(source.file(), "holds " + source.form().contents() + ", and "
                        + sources.getFirst().file() + " " + sources.getFirst().form().contents(),
                        "convert them one by one");
            }
        }
        return sources.getFirst().form();
    }

    private boolean dialogues(List<SourceFile> sources, Curation curation, Meter meter) throws IOException {
        try (Sink<DialogueLine> sink = new Sink<>(DialogueFile.FORMAT::createLines)) {
            for (SourceFile source : sources) {
                try (SourceReader<DialogueLine> reader = source.lines()) {
                    try (ReadAhead<Seen> ahead = new ReadAhead<>(() -> seen(reader, curation), Seen::weight)) {
                        long number = 1;
                        for (Seen seen = ahead.next(); seen != null; seen = ahead.next()) {
                            if (stopping) return false;
                            long its = number++;
                            for (DialogueLine kept : curation.takeLine(seen.inspected, seen.replier,
                                    () -> where(source, its))) {
                                sink.write(unique(kept));
                            }
                            meter.tick();
                        }
                    }
                    files.add(reader.report());
                }
            }
            return sink.commit(sources);
        }
    }

    /**
     * A dialogue that was read and looked at.
     *
     * @param replier speakers whose turns are replies
     */
    private record Seen(Inspected inspected, Predicate<String> replier) {
        long weight() {
            return inspected.dialogue().weight();
        }
    }

    /** Reads the next dialogue; null if there is none. Whose turns are replies is told to whoever reads the file. */
    private Seen seen(SourceReader<DialogueLine> reader, Curation curation) {
        if (!reader.hasNext()) return null;
        DialogueLine dialogue = reader.next();
        Predicate<String> replier = reader.speakers().repliers(dialogue).orElse(EVERYBODY);
        if (!settings.reading().speaker().isEmpty()) {
            dialogue = dialogue.withRepliers(dialogue.speakers().stream().distinct().filter(replier).toList());
        }
        return new Seen(curation.inspect(dialogue), replier);
    }

    private boolean replies(List<SourceFile> sources, Curation curation, Meter meter) throws IOException {
        try (Sink<Response> sink = new Sink<>(ResponseFile.FORMAT::create)) {
            for (SourceFile source : sources) {
                try (SourceReader<Response> reader = source.open(ResponseFile.FORMAT)) {
                    for (long number = 1; reader.hasNext(); number++) {
                        if (stopping) return false;
                        Optional<Response> kept = curation.take(reader.next(), where(source, number));
                        if (kept.isPresent()) sink.write(kept.get());
                        meter.tick();
                    }
                    files.add(reader.report());
                }
            }
            return sink.commit(sources);
        }
    }

    /** Lines of our own files are records, one by one; where others begin and end only their formats know. */
    private static String where(SourceFile source, long number) {
        return source.file() + (source.foreign().isEmpty()
                ? ":" + number
                : ", " + (source.form() == DialogueFile.FORMAT ? "dialogue " : "reply ") + number);
    }

    /** The dialogue with an id that none before it has. */
    private DialogueLine unique(DialogueLine dialogue) {
        long hash = Curation.hash(dialogue.id());
        if (ids.size() >= MOST_IDS && !ids.containsKey(hash)) {
            forgetsIds = true;
            return dialogue;
        }
        int before = ids.addTo(hash, 1);
        return before == 0
                ? dialogue
                : unique(dialogue.withId(dialogue.id() + "~" + (before + 1)));
    }

    /** How a file is begun. */
    private interface Opening<T> {
        RecordWriter<T> create(Path file) throws IOException;
    }

    /** Where records go, if they go anywhere. */
    private final class Sink<T> implements AutoCloseable {
        private final RecordWriter<T> writer;
        private long written;

        Sink(Opening<T> opening) throws IOException {
            writer = out.isPresent() ? opening.create(out.get()) : null;
        }

        void write(T record) throws IOException {
            written++;
            if (writer != null) writer.write(record);
        }

        boolean commit(List<SourceFile> sources) throws IOException {
            if (written == 0) {
                throw BadInput.in(sources.getFirst().file(), "has nothing that is kept",
                        "give more data, or leave out less");
            }
            if (writer != null) writer.commit();
            return true;
        }

        @Override
        public void close() throws IOException {
            if (writer != null) writer.close();
        }
    }

    /** Tells the progress now and then. */
    private static final class Meter {
        private final Progress progress;
        private final BytesRead bytes;
        private final long total;
        private int records;

        Meter(Progress progress, BytesRead bytes, long total) {
            this.progress = progress;
            this.bytes = bytes;
            this.total = total;
        }

        void tick() {
            if (++records % BETWEEN != 0) return;
            long done = bytes.count();
            // Beginnings are read twice, since files are recognised by them.
            progress.update(total < 0 ? done : Math.min(done, total), total);
        }
    }
}
