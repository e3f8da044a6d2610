package io.retort.search;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.files.Sha256;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import io.retort.simd.WorkerPool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Replies with their vectors, in a memory-mapped file that {@link IndexWriter} made.
 *
 * <p>All numbers are little-endian; sections begin at multiples of 64, gaps are zero.
 *
 * <pre>
 *   0  8  magic "RETORTIX"                       72  8  offset of the metadata = 192
 *   8  4  version: 1, 2 with replies' own        80  8  its length
 *         metadata, 3 with their contexts        88  8  offset of the text offsets
 *  12  4  vector format: 0 float32,              96  8  their length = 8 (count + 1)
 *         1 float16, 2 int8                      104  8  offset of the texts
 *  16  4  metric: 0 inner product, 1 cosine
 *  20  4  row keys: 0 row number                112  8  their length
 *  24  4  dims, 1 to 65536                      120  8  offset of the vectors
 *  28  4  bytes of a checksum block = 4 Mi      128  8  their length = count * stride
 *  32  8  count, 1 or more                      136  8  offset of the footer
 *  40 32  SHA-256 of the model                  144 44  version 1: zero; versions 2, 3:
 *                                               144  8  offset of the offsets of the replies' metadata
 *                                               152  8  their length = 8 (count + 1)
 *                                               160  8  offset of the replies' metadata
 *                                               168  8  their length
 *                                               176 12  zero; version 3: 8 length of the contexts
 *                                               188  4  CRC32C of bytes 0 to 187
 * metadata      UTF-8 JSON object
 * text offsets  u64 [count + 1]: reply r is bytes [o[r], o[r + 1]) of the texts
 * texts         UTF-8, one after the other
 *               version 2: u64 [count + 1], offsets of the replies' metadata in what follows
 *               version 2: UTF-8 JSON objects, one after the other; no bytes for a reply without metadata
 *               version 3: these, and u64 [count + 1], offsets of the contexts in what follows
 *               version 3: UTF-8 JSON arrays of arrays of turns, one after the other
 * vectors       [count], of stride bytes each: float32 [dims], float16 [dims], or float32 scale and int8 [dims],
 *               which stand for scale * code, rounded to float32
 * footer        u32 [blocks]: CRC32C of each block of the bytes before the footer;
 *               8 magic "RETORTFT", 8 length of the file, 4 blocks, 4 bytes of a block, 4 zero,
 *               4 CRC32C of the footer before it
 * </pre>
 *
 * <p>Checksums find accidents, not malice: offsets are checked again whenever they are used. Any thread may read; after
 * {@link #close()} readers get an {@link IllegalStateException}.
 */
public final class ResponseIndex implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long PAGE = 4096, COPIED_AT_ONCE = 1 << 26;
    private static final String REBUILD = "make it anew with `retort index`";

    /** How much of an index file is checked before it is trusted. */
    public enum Verification {
        /** Every byte is checked against its checksum. */
        ALL,
        /**
         * Only header, footer and length are checked: the index opens at once, and a damaged reply or vector goes
         * unnoticed.
         */
        ENDS
    }

    private final Path file;
    private final IndexHeader header;
    private final MemorySegment data;
    private final Arena arena;
    private final ObjectNode metadata;

    private ResponseIndex(Path file, IndexHeader header, MemorySegment data, Arena arena) {
        this.file = file;
        this.header = header;
        this.data = data;
        this.arena = arena;
        this.metadata = readMetadata();
    }

    /** Opens an index after checking every byte, on one thread. */
    public static ResponseIndex open(Path file) throws IOException {
        try (WorkerPool pool = new WorkerPool(1)) {
            return open(file, Verification.ALL, pool);
        }
    }

    /**
     * Opens an index, checking as much of it as is asked for.
     *
     * @throws BadInput naming the place if the file is missing, cut, altered or of another kind
     */
    public static ResponseIndex open(Path file, Verification verification, WorkerPool pool) throws IOException {
        return open(file, verification, pool,
                (channel, arena) -> channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }

    /**
     * Opens an index in memory of its own, checking every byte: what becomes of the file afterwards does not matter. A
     * mapped file that is cut while it is searched ends the process.
     *
     * @throws BadInput         naming the place if the file is missing, cut, altered or of another kind
     * @throws OutOfMemoryError if the memory does not hold it
     */
    public static ResponseIndex openCopied(Path file, WorkerPool pool) throws IOException {
        return open(file, Verification.ALL, pool, ResponseIndex::copied);
    }

    /** How the bytes of a file come into memory. */
    private interface Loading {
        MemorySegment of(FileChannel channel, Arena arena) throws IOException;
    }

    private static MemorySegment copied(FileChannel channel, Arena arena) throws IOException {
        MemorySegment copy = arena.allocate(Math.max(1, channel.size()), PAGE);
        long length = 0;
        while (length < copy.byteSize()) {
            int read = channel.read(copy.asSlice(length, Math.min(COPIED_AT_ONCE, copy.byteSize() - length))
                    .asByteBuffer(), length);
            if (read <= 0) break; // the file is shorter than it was a moment ago, which the reader of it tells
            length += read;
        }
        return copy.asSlice(0, length).asReadOnly();
    }

    private static ResponseIndex open(Path file, Verification verification, WorkerPool pool, Loading loading)
            throws IOException {
        if (!Files.isRegularFile(file))
            throw BadInput.in(file, "there is no such file", "make one with `retort index`");
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment data = loading.of(channel, arena);
            IndexHeader header = readHeader(file, data);
            IndexFooter footer = IndexFooter.decode(file, data, header.layout());
            if (verification == Verification.ALL) {
                pool.forRanges(header.layout().blocks(), 1,
                        (slot, block, end) -> footer.verify(file, data, header.layout(), block));
            }
            return new ResponseIndex(file, header, data, arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private static IndexHeader readHeader(Path file, MemorySegment data) {
        long length = data.byteSize();
        int seen = (int) Math.min(length, IndexHeader.MAGIC.length);
        if (data.asSlice(0, seen).mismatch(MemorySegment.ofArray(IndexHeader.MAGIC).asSlice(0, seen)) >= 0) {
            throw BadInput.atOffset(file, 0, "this is not a response index", "make one with `retort index`");
        }
        if (length < IndexLayout.HEADER_BYTES) {
            throw BadInput.atOffset(file, length, "the file ends within the header of a response index", REBUILD);
        }
        IndexHeader header = IndexHeader.decode(file, data.asSlice(0, IndexLayout.HEADER_BYTES).asByteBuffer());
        long expected = header.layout().fileBytes();
        if (length < expected) {
            throw BadInput.atOffset(file, length,
                    "the file is cut: " + length + " of " + expected + " bytes (" + header.layout().sectionAt(length)
                            + ")",
                    "copy it again from its source or " + REBUILD);
        }
        if (length > expected) {
            throw BadInput.atOffset(file, expected, (length - expected) + " bytes too many", REBUILD);
        }
        return header;
    }

    private ObjectNode readMetadata() {
        byte[] json = slice(header.layout().metadata(), header.layout().metadataBytes()).toArray(ValueLayout.JAVA_BYTE);
        try {
            if (new ObjectMapper().readTree(json) instanceof ObjectNode object) return object;
        } catch (IOException e) {
            throw BadInput.atOffset(file, header.layout().metadata(), "the metadata is not JSON", REBUILD).causedBy(e);
        }
        throw BadInput.atOffset(file, header.layout().metadata(), "the metadata is not a JSON object", REBUILD);
    }

    private MemorySegment slice(long offset, long length) {
        return data.asSlice(offset, length);
    }

    /** The path of the index file. */
    public Path file() {
        return file;
    }

    /** What decides the vectors of the index, but for its replies. */
    public IndexSpec spec() {
        return new IndexSpec(header.model(), header.metric(), header.dims(), header.format(), metadata);
    }

    /**
     * Tells indexes of different content apart: the SHA-256 of the header and of the footer, which holds a checksum of
     * every block, in hex.
     */
    public String fingerprint() {
        return new Sha256().update(slice(0, IndexLayout.HEADER_BYTES))
                .update(slice(header.layout().footer(), header.layout().footerBytes())).hex();
    }

    /** Whether replies of the index may have metadata of their own. */
    public boolean hasReplyMetadata() {
        return header.layout().replyMetadataBytes() > 0;
    }

    /** Whether the index has the contexts that its replies answered. */
    public boolean hasContexts() {
        return header.layout().hasContexts();
    }

    /**
     * The contexts that the reply in a row answered, read when they are asked for; none where none are kept.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     * @throws BadInput                  if the file was altered
     */
    public List<Context> contexts(int row) {
        try {
            return ReplyContexts.decode(contextBytes(row));
        } catch (IOException e) {
            throw BadInput.in(file, "the contexts of reply " + row + " are no arrays of turns", REBUILD).causedBy(e);
        }
    }

    /** The contexts of the reply in a row as they are stored, not parsed. */
    byte[] contextBytes(int row) {
        IndexLayout layout = header.layout();
        if (!layout.hasContexts()) {
            Objects.checkIndex(row, count());
            return new byte[0];
        }
        return item(row, layout.contextOffsets(), layout.contexts(), layout.contextBytes(), "the contexts of reply ");
    }

    /** Number of replies in the index. */
    public int count() {
        return header.layout().count();
    }

    /** Number of dimensions of each vector. */
    public int dims() {
        return header.dims();
    }

    /** How the index's vectors are scored against a query. */
    public Metric metric() {
        return header.metric();
    }

    /** The form in which vectors are stored. */
    public RowFormat format() {
        return header.format();
    }

    /**
     * The text of the reply in a row.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public String reply(int row) {
        IndexLayout layout = header.layout();
        byte[] utf8 = item(row, layout.textOffsets(), layout.texts(), layout.textBytes(), "reply ");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            long at = layout.texts() + data.get(LONG, layout.textOffsets() + Long.BYTES * (long) row);
            throw BadInput.atOffset(file, at, "reply " + row + " is not UTF-8", REBUILD).causedBy(e);
        }
    }

    /**
     * The JSON object that was indexed with a reply, read when it is asked for; empty if there is none.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     * @throws BadInput                  if the file was altered
     */
    public Optional<Map<String, Object>> metadata(int row) {
        try {
            return ReplyMetadata.decode(metadataBytes(row));
        } catch (IOException e) {
            throw BadInput.in(file, "the metadata of reply " + row + " is not a JSON object", REBUILD).causedBy(e);
        }
    }

    /** The metadata of the reply in a row as they are stored, not parsed. */
    byte[] metadataBytes(int row) {
        IndexLayout layout = header.layout();
        if (!layout.hasReplyMetadata()) {
            Objects.checkIndex(row, count());
            return new byte[0];
        }
        return item(row, layout.replyMetadataOffsets(), layout.replyMetadata(), layout.replyMetadataBytes(),
                "the metadata of reply ");
    }

    /** Reads one item of a section, whose place is given by the offsets in another section. */
    private byte[] item(int row, long offsets, long section, long length, String what) {
        Objects.checkIndex(row, count());
        long at = offsets + Long.BYTES * (long) row;
        long from = data.get(LONG, at), to = data.get(LONG, at + Long.BYTES);
        if (from < 0 || to < from || to > length || to - from > Integer.MAX_VALUE - 64) {
            throw BadInput.atOffset(file, at, what + row + " lies outside its section", REBUILD);
        }
        return slice(section + from, to - from).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The vectors {@code [count, dims]}, over the mapped bytes. */
    public Rows vectors() {
        IndexLayout layout = header.layout();
        return new Rows(slice(layout.vectors(), layout.vectorBytes()), count(), dims(), format());
    }

    /**
     * Refuses to work with another model than the one that made this index.
     *
     * @param name of the model, as the user would write it
     */
    public void requireModel(ModelFingerprint model, String name) {
        if (model.equals(header.model())) return;
        String maker = metadata.path("model").asText("another model");
        throw BadInput.in(file, "made with " + maker + " (" + header.model().brief() + "), not with " + name + " ("
                + model.brief() + "), so its scores would mean nothing",
                "use the model that made it, or make an index with " + name + " by `retort index`");
    }

    /** Unmaps the file; a second call does nothing. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }
}
