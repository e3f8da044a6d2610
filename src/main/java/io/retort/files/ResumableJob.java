package io.retort.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A long job that writes a JSONL file, at most one record for each item of its input, in order. It may be killed at any
 * moment: run again with the same settings and input, it goes on after the last whole entry, and the file, gzipped if its
 * name ends in {@code .gz}, is the same to the byte as that of a run without a break.
 *
 * <p>While it works, all that is done stands in {@code FILE.part}; {@code FILE} appears, whole, with {@link #finish()},
 * and with it {@code FILE.run.json}: what the run was, and what it counted. A file made by another run is never
 * replaced. One thread.
 */
public final class ResumableJob implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String RUN = "run";
    private static final String TALLY = "tally";
    private static final String BYTES = "bytes";

    private final Path target;
    private final Path description;
    private final ObjectNode run;
    private final Counters tally = new Counters();
    private Journal journal;
    private boolean finished;

    private ResumableJob(Path target, ObjectNode run) {
        this.target = target;
        this.description = beside(".run.json");
        this.run = run;
    }

    private Path beside(String suffix) {
        return target.resolveSibling(target.getFileName() + suffix);
    }

    /**
     * Begins a job, or takes it up where it was.
     *
     * @param run everything that decides the output: settings, model, input
     * @throws BadInput if the file is there and made by another run, or if another run is unfinished, telling in what
     *                  they differ
     */
    public static ResumableJob open(Path target, ObjectNode run) throws IOException {
        if (Files.isDirectory(target)) throw BadInput.in(target, "is a folder", "name the file to write");
        ResumableJob job = new ResumableJob(target, run);
        if (Files.exists(target)) {
            job.requireMadeBySameRun();
            job.finished = true;
        } else {
            job.journal = Journal.open(job.beside(".part"), run, entry -> job.tally.add(entry.tally()));
        }
        return job;
    }

    /**
     * What decided the output that is there, finished or not; empty if there is none, or it cannot be told. So a job can
     * go on by rules that newer ones have replaced.
     */
    public static Optional<JsonNode> begun(Path target) throws IOException {
        ResumableJob job = new ResumableJob(target, JsonNodeFactory.instance.objectNode());
        JsonNode told = Files.exists(target) ? firstLine(job.description) : firstLine(job.beside(".part"));
        return told.path(RUN).isObject() ? Optional.of(told.path(RUN)) : Optional.empty();
    }

    private void requireMadeBySameRun() throws IOException {
        JsonNode there = description();
        if (there.path(BYTES).asLong(-1) != Files.size(target)) {
            throw BadInput.in(target, "is there already, and nothing tells that this run made it",
                    "delete it or choose another output");
        }
        String difference = RunSettings.difference(there.path(RUN), run);
        if (!difference.isEmpty()) {
            throw BadInput.in(target, "is there already, made by another run: " + difference,
                    "delete it or choose another output");
        }
        tally.add(Counters.of(there.path(TALLY)));
    }

    private JsonNode description() throws IOException {
        if (Files.isRegularFile(description) && Files.size(description) > JsonLines.MAX_LINE_BYTES) {
            return MAPPER.missingNode();
        }
        return firstLine(description);
    }

    /** The object in a file's first line; missing if there is none. */
    private static JsonNode firstLine(Path file) throws IOException {
        if (!Files.isRegularFile(file)) return MAPPER.missingNode();
        try (JsonLines lines = JsonLines.open(file)) {
            return lines.hasNext() ? lines.next().node() : MAPPER.missingNode();
        } catch (BadInput e) {
            return MAPPER.missingNode();
        }
    }

    /** Whether there is nothing left to do because a run with the same settings and input has been finished before. */
    public boolean isFinished() {
        return finished;
    }

    /** Items that are done, those of earlier processes included: how many of the input to pass over. */
    public long done() {
        return journal == null ? 0 : journal.entries();
    }

    /** The counts of all items so far, those of earlier processes included. */
    public Counters tally() {
        return tally;
    }

    /** Adds the entry of the next item; once this method returns, the entry survives the end of the process. */
    public void add(JobEntry entry) {
        try {
            journal.append(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tally.add(entry.tally());
    }

    /** Writes the finished file; to be called when all items are done. */
    public void finish() throws IOException {
        if (finished) return;
        try (JsonLinesWriter writer = JsonLinesWriter.create(target)) {
            journal.forEach(entry -> entry.record().ifPresent(record -> write(writer, record)));
            ObjectNode told = JsonNodeFactory.instance.objectNode();
            told.set(RUN, run);
            told.set(TALLY, tally.json());
            told.put(BYTES, writer.seal());
            AtomicFile.write(description, (told + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            writer.commit();
        }
        journal.delete();
        finished = true;
    }

    private static void write(JsonLinesWriter writer, ObjectNode record) {
        try {
            writer.write(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes the journal; an unfinished job can be taken up again later. */
    @Override
    public void close() throws IOException {
        if (journal != null) journal.close();
    }
}
