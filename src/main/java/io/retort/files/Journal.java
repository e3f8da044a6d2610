package io.retort.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The entries of a long job so far, one a line after a line that tells the run. A line is written with one call, so that
 * a killed process leaves whole lines and at most the start of one, which is cut off. Locked against a second process.
 * One thread.
 */
final class Journal implements AutoCloseable {
    private static final Duration CHECKPOINTS = Duration.ofSeconds(5);
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String RUN = "run";
    private static final int CHUNK = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private long entries;
    private long safeAt = System.nanoTime();

    private Journal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens the journal of a run, or begins it.
     *
     * @param known told of each entry that is there, in order
     * @throws BadInput if it is another run's, or another process is at it
     */
    static Journal open(Path file, ObjectNode run, Consumer<JobEntry> known) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        FileChannel channel = OutputChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            Journal journal = new Journal(file, channel);
            journal.lock();
            journal.cut(journal.endOfWholeLines());
            if (channel.size() == 0) journal.begin(run);
            else journal.resume(run, known);
            channel.position(channel.size());
            return journal;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private void lock() throws IOException {
        try {
            if (channel.tryLock() != null) return;
        } catch (OverlappingFileLockException e) {
            throw busy().causedBy(e);
        }
        throw busy();
    }

    private BadInput busy() {
        return BadInput.in(file, "another process is at this work", "wait for it, or choose another output");
    }

    private void begin(ObjectNode run) throws IOException {
        ObjectNode head = JsonNodeFactory.instance.objectNode();
        head.set(RUN, run);
        write(head);
        channel.force(true);
    }

    private void resume(ObjectNode run, Consumer<JobEntry> known) throws IOException {
        try (JsonLines lines = JsonLines.open(file)) {
            requireSame(head(lines), run);
            try {
                for (; lines.hasNext(); entries++) known.accept(JobEntry.of(lines.next()));
                return;
            } catch (BadInput e) {
                // A machine that lost power may leave any bytes where lines were on their way; their entries come anew.
            }
        }
        cut(startOfLine(entries + 1));
    }

    private JsonNode head(JsonLines lines) {
        try {
            JsonNode there = lines.next().node().get(RUN);
            if (there != null) return there;
        } catch (BadInput e) {
            throw foreign().causedBy(e);
        }
        throw foreign();
    }

    private BadInput foreign() {
        return BadInput.in(file, "is in the way: it is not the unfinished work of a run",
                "move it away or choose another output");
    }

    private void requireSame(JsonNode there, ObjectNode run) {
        String difference = RunSettings.difference(there, run);
        if (!difference.isEmpty()) {
            throw BadInput.in(file, "is the unfinished work of another run: " + difference,
                    "give what that run had to finish it, delete it, or choose another output");
        }
    }

    private long endOfWholeLines() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        for (long end = channel.size(); end > 0;) {
            long start = Math.max(0, end - CHUNK);
            read(chunk.clear().limit((int) (end - start)), start);
            for (int i = chunk.limit() - 1; i >= 0; i--) {
                if (chunk.get(i) == '\n') return start + i + 1;
            }
            end = start;
        }
        return 0;
    }

    /** The byte offset at which a line starts, lines being counted from 0. */
    private long startOfLine(long line) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        long passed = 0;
        for (long start = 0; start < channel.size(); start += chunk.limit()) {
            read(chunk.clear().limit((int) Math.min(CHUNK, channel.size() - start)), start);
            for (int i = 0; i < chunk.limit(); i++) {
                if (passed == line) return start + i;
                if (chunk.get(i) == '\n') passed++;
            }
        }
        return channel.size();
    }

    private void read(ByteBuffer into, long at) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, at + into.position()) < 0) throw new IOException(file + " became shorter");
        }
    }

    private void cut(long length) throws IOException {
        if (length < channel.size()) channel.truncate(length);
    }

    /** Number of entries that the journal holds. */
    long entries() {
        return entries;
    }

    void append(JobEntry entry) throws IOException {
        write(entry.json());
        entries++;
        if (System.nanoTime() - safeAt > CHECKPOINTS.toNanos()) {
            channel.force(false);
            safeAt = System.nanoTime();
        }
    }

    private void write(ObjectNode line) throws IOException {
        byte[] json = MAPPER.writeValueAsBytes(line);
        ByteBuffer bytes = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    /** Hands every entry to an action, in order. */
    void forEach(Consumer<JobEntry> action) throws IOException {
        try (JsonLines lines = JsonLines.open(file)) {
            lines.next();
            lines.forEachRemaining(line -> action.accept(JobEntry.of(line)));
        }
    }

    /** Closes and deletes the journal when the job is finished and nothing needs it any more. */
    void delete() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
