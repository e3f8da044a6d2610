package io.retort.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.AtomicFile;
import io.retort.files.BadInput;
import io.retort.files.OutputChannel;
import io.retort.simd.Rows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes a {@link ResponseIndex}: the replies first, then their vectors in the same order, a batch at a time. For one
 * thread.
 *
 * <p>It works on {@code FILE.building} and notes in {@code FILE.building.progress} how many rows are safe on the
 * device. Whoever is interrupted, by kill -9 too, calls {@link #resumeOrCreate} again with the same arguments and goes
 * on at {@link #nextRow()}. The target appears, whole, with {@link #finish()}.
 */
public final class IndexWriter implements AutoCloseable {
    private static final Duration CHECKPOINTS = Duration.ofSeconds(5);
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path target;
    private final Path building;
    private final Path progress;
    private final IndexSpec spec;
    private final RowContents rows;
    private final IndexLayout layout;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
    private int nextRow;
    private int safeRows;
    private long safeAt = System.nanoTime();
    private boolean finished;

    private IndexWriter(Path target, IndexSpec spec, RowContents rows, IndexPrefix prefix) throws IOException {
        this.target = target.toAbsolutePath();
        this.building = beside(".building");
        this.progress = beside(".building.progress");
        this.spec = spec;
        this.rows = rows;
        this.layout = prefix.layout();
        Files.createDirectories(this.target.getParent());
        this.channel = openLocked();
    }

    private Path beside(String suffix) {
        return target.resolveSibling(target.getFileName() + suffix);
    }

    /**
     * Goes on with an interrupted index of the same spec and replies, or begins anew.
     *
     * @param replies one or more, in the order of the rows; the list must not change
     * @throws BadInput if there are none, one cannot be written as UTF-8, or somebody else is writing the same file
     */
    public static IndexWriter resumeOrCreate(Path target, IndexSpec spec, List<String> replies) throws IOException {
        return resumeOrCreate(target, spec, RowContents.of(replies));
    }

    /** Goes on with an interrupted index of the same spec and replies, which come with metadata and contexts, or begins anew. */
    public static IndexWriter resumeOrCreate(Path target, IndexSpec spec, IndexedReplies replies) throws IOException {
        return resumeOrCreate(target, spec, replies.contents());
    }

    /** Opens a writer for replies that may carry metadata, and goes on where an interrupted one left off. */
    static IndexWriter resumeOrCreate(Path target, IndexSpec spec, RowContents rows) throws IOException {
        IndexPrefix prefix = IndexPrefix.of(spec, rows);
        IndexWriter writer = new IndexWriter(target, spec, rows, prefix);
        try {
            int safe = writer.readProgress();
            if (safe >= 0 && prefix.isAtStartOf(writer.channel)) writer.resume(safe);
            else writer.begin(prefix);
            return writer;
        } catch (Throwable e) {
            writer.channel.close();
            throw e;
        }
    }

    /** Whether an interrupted index of this spec and these replies is to be gone on with. */
    static boolean isBegun(Path target, IndexSpec spec, RowContents rows) throws IOException {
        Path building = target.resolveSibling(target.getFileName() + ".building");
        if (!Files.isRegularFile(building)) return false;
        try (FileChannel channel = FileChannel.open(building, StandardOpenOption.READ)) {
            return IndexPrefix.of(spec, rows).isAtStartOf(channel);
        }
    }

    /** Whether an interrupted index, whichever, has vectors that would be lost if another were begun. */
    static boolean holdsVectors(Path target) {
        try {
            Path noted = target.resolveSibling(target.getFileName() + ".building.progress");
            return new ObjectMapper().readTree(Files.readAllBytes(noted)).path("rows").asInt(0) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Opens the file to work on, for this writer alone. Before the lock is taken, another writer may finish and give
     * the file that was opened the name of the target: then there is another file to work on. A file that has its name
     * before it is opened and after it is locked had it in between, since no file gets this name back.
     */
    private FileChannel openLocked() throws IOException {
        while (true) {
            createIfMissing();
            Optional<String> before = identity();
            FileChannel opened;
            try {
                opened = OutputChannel.open(building, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } catch (NoSuchFileException e) {
                continue;
            }
            try {
                lock(opened);
                if (before.isPresent() && before.equals(identity())) return opened;
                opened.close();
            } catch (Throwable e) {
                opened.close();
                throw e;
            }
        }
    }

    private void createIfMissing() throws IOException {
        try {
            Files.createFile(building);
        } catch (FileAlreadyExistsException e) {
            // It is an unfinished index to go on with, or another writer's.
        }
    }

    /**
     * What tells the file at work from others that bore its name, the same for all where the system does not say; empty
     * if it is gone.
     */
    private Optional<String> identity() throws IOException {
        try {
            Object key = Files.readAttributes(building, BasicFileAttributes.class).fileKey();
            return Optional.of(String.valueOf(key));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void lock(FileChannel opened) throws IOException {
        try {
            if (opened.tryLock() != null) return;
        } catch (OverlappingFileLockException e) {
            throw busy().causedBy(e);
        }
        throw busy();
    }

    private BadInput busy() {
        return BadInput.in(target, "somebody else is writing this index", "wait for them, or choose another file");
    }

    /** Reads the number of rows that are safe on disk, or -1 if no progress file tells. */
    private int readProgress() {
        try {
            JsonNode rows = new ObjectMapper().readTree(Files.readAllBytes(progress)).path("rows");
            int safe = rows.asInt(-1);
            boolean there = safe <= layout.count() && channel.size() >= layout.vectors() + safe * layout.stride();
            return there ? safe : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private void resume(int rows) {
        nextRow = rows;
        safeRows = rows;
    }

    private void begin(IndexPrefix prefix) throws IOException {
        Files.deleteIfExists(progress);
        channel.truncate(0);
        prefix.writeTo(channel);
        checkpoint();
    }

    /** The row whose vector comes next: 0 in a new index, {@code replies.size()} when all are there. */
    public int nextRow() {
        return nextRow;
    }

    /**
     * Appends vectors.
     *
     * @param vectors {@code [rows, dims]}
     * @throws BadInput naming the reply if a vector is NaN, infinite, longer than 1e18 or (cosine) zero; vectors before
     *                  it are in
     */
    public void append(float[][] vectors) throws IOException {
        if (vectors.length > layout.count() - nextRow) {
            throw new IllegalArgumentException(vectors.length + " vectors for " + (layout.count() - nextRow) + " rows");
        }
        for (float[] vector : vectors) append(vector);
        if (System.nanoTime() - safeAt > CHECKPOINTS.toNanos()) checkpoint();
    }

    /**
     * Appends vectors of another index as they are, byte for byte: one that is scaled to length 1 again, or rounded
     * again, could change in its last bits.
     *
     * @param source of as many dims, and stored in the same form
     * @throws BadInput naming the reply if a vector is unfit
     */
    void appendStored(Rows source, int[] numbers) throws IOException {
        if (source.format() != spec.rows()) {
            throw new IllegalArgumentException("source is of " + source.format() + ", not of " + spec.rows());
        }
        for (int number : numbers) {
            requireFit(source.read(number));
            int stride = room();
            MemorySegment.copy(source.data(), source.offset(number), memory, buffer.position(), stride);
            taken(stride);
        }
        if (System.nanoTime() - safeAt > CHECKPOINTS.toNanos()) checkpoint();
    }

    private void append(float[] vector) throws IOException {
        requireFit(vector);
        float[] prepared = VectorCheck.prepared(vector, spec.metric());
        String problem = spec.rows().problem(prepared);
        if (problem != null) throw unfit(problem, "store rows as f32 or int8");
        put(prepared);
    }

    private void requireFit(float[] vector) {
        if (vector.length != spec.dims()) {
            throw new IllegalArgumentException("vector of " + vector.length + " dims for an index of " + spec.dims());
        }
        String problem = VectorCheck.problem(vector, spec.metric());
        if (problem != null) throw unfit(problem, "check the model's weights");
    }

    private BadInput unfit(String problem, String remedy) {
        return BadInput.of(
                "the vector of reply " + nextRow + " (\"" + brief(rows.texts().get(nextRow)) + "\") " + problem,
                remedy);
    }

    private void put(float[] vector) throws IOException {
        int stride = room();
        spec.rows().write(vector, memory, buffer.position());
        taken(stride);
    }

    /** Makes room in the buffer for one row, of as many bytes as are returned. */
    private int room() throws IOException {
        if (buffer.remaining() < layout.stride()) flush();
        return Math.toIntExact(layout.stride());
    }

    private void taken(int bytes) {
        buffer.position(buffer.position() + bytes);
        nextRow++;
    }

    private static String brief(String reply) {
        return reply.length() <= 60 ? reply : reply.substring(0, 57) + "...";
    }

    /** Writes what is buffered; where that fails, on a full disk, it is still buffered afterwards. */
    private void flush() throws IOException {
        long at = layout.vectors() + nextRow * layout.stride() - buffer.position();
        IndexPrefix.write(channel, buffer.duplicate().flip(), at);
        buffer.clear();
    }

    /** Makes all rows so far safe; called every few seconds by {@link #append} itself. */
    public void checkpoint() throws IOException {
        flush();
        channel.force(false);
        AtomicFile.write(progress, ("{\"rows\":" + nextRow + "}\n").getBytes(StandardCharsets.UTF_8));
        safeRows = nextRow;
        safeAt = System.nanoTime();
    }

    /**
     * Completes the file and gives it its name.
     *
     * @throws IllegalStateException if vectors are missing
     */
    public void finish() throws IOException {
        if (nextRow != layout.count()) {
            throw new IllegalStateException((layout.count() - nextRow) + " vectors are missing");
        }
        checkpoint();
        // Rows that an earlier run wrote without noting them may follow.
        channel.truncate(layout.vectors() + layout.vectorBytes());
        IndexPrefix.write(channel, ByteBuffer.allocate((int) (layout.footer() - channel.size())), channel.size());
        IndexPrefix.write(channel, footer().encode(layout), layout.footer());
        channel.force(true);
        // Renamed while it is locked, or another writer could take it for unfinished work and begin anew in it.
        AtomicFile.replace(building, target);
        channel.close();
        Files.deleteIfExists(progress);
        finished = true;
    }

    private IndexFooter footer() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, layout.footer(), arena);
            int[] checksums = new int[layout.blocks()];
            for (int i = 0; i < checksums.length; i++) checksums[i] = IndexFooter.checksum(data, layout, i);
            return new IndexFooter(checksums);
        }
    }

    /** Leaves an unfinished index to be resumed. */
    @Override
    public void close() throws IOException {
        if (finished || !channel.isOpen()) return;
        try (channel) {
            if (safeRows < nextRow) checkpoint();
        }
    }
}
