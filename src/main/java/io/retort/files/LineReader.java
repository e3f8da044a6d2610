package io.retort.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * The lines of a text file, plain or compressed (told by content, not by name), in strict UTF-8 unless opened otherwise. Memory stays bounded by
 * the longest line. A file in another encoding or compression is refused by its name. One thread; close after use.
 */
final class LineReader implements AutoCloseable {
    /** Longest line that is read, so that a file without line breaks does not fill the memory. */
    static final int MAX_LINE_BYTES = 16 << 20;

    /** Whether a carriage return without a line feed ends a line too, as in files of old Macs. */
    enum LineEnds {
        LINE_FEED, ANY
    }

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long LINE_FEEDS = ONES * '\n';
    private static final long CARRIAGE_RETURNS = ONES * '\r';
    private static final long HIGH_BITS = ONES << 7;

    private final Path file;
    private final InputStream bytes;
    private final LineEnds ends;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long line;
    private boolean lineFeedIsDue;
    private byte[] pending = new byte[1 << 10];

    private LineReader(Path file, InputStream bytes, LineEnds ends) {
        this.file = file;
        this.bytes = bytes;
        this.ends = ends;
    }

    /**
     * Opens a file.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    static LineReader open(Path file, LineEnds ends) throws IOException {
        InputStream raw = InputFile.open(file);
        try {
            return new LineReader(file, text(file, raw), ends);
        } catch (ZipException | EOFException e) {
            raw.close();
            throw Compression.damaged(file, 1, e);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    /**
     * Opens a file in whatever encoding it is, as {@link TextInput} reads it.
     *
     * @throws BadInput as of {@link #open(Path, LineEnds)}
     */
    static LineReader open(Path file, LineEnds ends, TextEncoding encoding) throws IOException {
        try {
            return new LineReader(file, TextInput.converted(file, encoding), ends);
        } catch (ZipException | EOFException e) {
            throw Compression.damaged(file, 1, e);
        }
    }

    private static InputStream text(Path file, InputStream raw) throws IOException {
        Compression.Content content = Compression.of(file, raw);
        content.head().requireText(file);
        return content.bytes();
    }

    /** See {@link TextInput#note()}. */
    Optional<String> note() {
        return bytes instanceof Utf8Conversion conversion ? conversion.note() : Optional.empty();
    }

    Path file() {
        return file;
    }

    /** Number of the line that was read last, from 1. */
    long line() {
        return line;
    }

    /**
     * The next line without its line break; null at the end of the file.
     *
     * @throws BadInput             naming the line if it is not UTF-8 or too long, or the compressed data are damaged
     * @throws UncheckedIOException if the disk fails
     */
    String next() {
        int length = nextLength();
        return length < 0 ? null : text(length);
    }

    /**
     * Reads the next line, whose bytes stand in {@link #bytes()} until the one after it is read.
     *
     * @return their number, or -1 at the end of the file
     * @throws BadInput             as of {@link #next}, but that the bytes may not be UTF-8
     * @throws UncheckedIOException if the disk fails
     */
    int nextLength() {
        try {
            return readLine();
        } catch (ZipException | EOFException e) {
            throw Compression.damaged(file, line, e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    /** What {@link #nextLength} has read; longer than the line. */
    byte[] bytes() {
        return pending;
    }

    /** The line that {@link #nextLength} has read, as text. */
    String text(int length) {
        return decode(pending, length);
    }

    /**
     * Leaves a line without its line break in {@link #pending}.
     *
     * @return its length, or -1 at the end of the file
     */
    private int readLine() throws IOException {
        int length = 0;
        boolean begun = false;
        line++;
        while (true) {
            if (position == limit && !fill()) return begun ? length : -1;
            if (lineFeedIsDue) {
                lineFeedIsDue = false;
                if (buffer[position] == '\n') position++;
                continue;
            }
            begun = true;
            int end = ends == LineEnds.LINE_FEED ? lineFeed(position) : anyEnd(position);
            length = append(end, length);
            boolean complete = end < limit;
            lineFeedIsDue = complete && buffer[end] == '\r';
            position = complete ? end + 1 : end;
            if (complete) return length;
        }
    }

    /** The place of the next line feed in the buffer, found eight bytes at a time; the limit if there is none. */
    private int lineFeed(int from) {
        int at = from;
        while (at + Long.BYTES <= limit) {
            long other = (long) WORDS.get(buffer, at) ^ LINE_FEEDS;
            long found = other - ONES & ~other & HIGH_BITS;
            if (found != 0) return at + (Long.numberOfTrailingZeros(found) >> 3);
            at += Long.BYTES;
        }
        while (at < limit && buffer[at] != '\n') at++;
        return at;
    }

    /** The place of the next line feed or carriage return in the buffer; the limit if there is none. */
    private int anyEnd(int from) {
        int at = from;
        while (at + Long.BYTES <= limit) {
            long word = (long) WORDS.get(buffer, at);
            long feed = word ^ LINE_FEEDS, carriage = word ^ CARRIAGE_RETURNS;
            long found = (feed - ONES & ~feed | carriage - ONES & ~carriage) & HIGH_BITS;
            if (found != 0) return at + (Long.numberOfTrailingZeros(found) >> 3);
            at += Long.BYTES;
        }
        while (at < limit && buffer[at] != '\n' && buffer[at] != '\r') at++;
        return at;
    }

    private int append(int end, int length) {
        int total = length + end - position;
        if (total > MAX_LINE_BYTES) throw tooLong();
        if (total > pending.length) {
            pending = Arrays.copyOf(pending, Math.min(MAX_LINE_BYTES, Math.max(total, 2 * pending.length)));
        }
        System.arraycopy(buffer, position, pending, length, end - position);
        return total;
    }

    private BadInput tooLong() {
        return BadInput.atLine(file, line, "line is longer than " + MAX_LINE_BYTES + " bytes",
                ends == LineEnds.ANY ? "put one text on each line" : "put one JSON object on each line");
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, bytes.read(buffer));
        return limit > 0;
    }

    private String decode(byte[] utf8, int length) {
        ByteBuffer in = ByteBuffer.wrap(utf8, 0, length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(in).toString();
        } catch (CharacterCodingException e) {
            throw BadInput.atLine(file, line, "not UTF-8 near byte " + (in.position() + 1) + " of the line",
                    "convert the file to UTF-8 (iconv -f … -t UTF-8)").causedBy(e);
        }
    }

    @Override
    public void close() {
        try {
            bytes.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be closed", e);
        }
    }
}
