package io.retort.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.ZipException;

/**
 * The records of a JSONL file, plain or gzipped (told by content, not by name), read strictly: every line is one JSON
 * object in UTF-8, of at most {@value #MAX_LINE_BYTES} bytes. Memory stays bounded by the longest line. One thread;
 * close after use.
 *
 * <p>{@code next()} and {@code hasNext()} throw {@link BadInput} with file and line for whatever is wrong with the
 * file, and {@link UncheckedIOException} when the disk fails.
 */
public final class JsonLines implements Iterator<JsonRecord>, AutoCloseable {
    /** Longest line that is read, so that a file without line breaks does not fill the memory. */
    public static final int MAX_LINE_BYTES = 16 << 20;

    private final Path file;
    private final InputStream bytes;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long line;
    private byte[] pending = new byte[1 << 10];
    private JsonRecord next;

    private JsonLines(Path file, InputStream bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * Opens a file.
     *
     * @throws BadInput if there is none of that name
     */
    public static JsonLines open(Path file) throws IOException {
        if (Files.isDirectory(file)) throw BadInput.in(file, "is a folder", "name a JSONL file");
        InputStream raw;
        try {
            raw = Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw BadInput.in(file, "no such file", "check the path").causedBy(e);
        }
        try {
            return new JsonLines(file, unzipped(raw));
        } catch (ZipException | EOFException e) {
            raw.close();
            throw damaged(file, 1, e);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static InputStream unzipped(InputStream raw) throws IOException {
        var peeked = new PushbackInputStream(raw, 2);
        byte[] magic = peeked.readNBytes(2);
        peeked.unread(magic);
        boolean gzip = magic.length == 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
        return gzip ? new GzipInput(peeked) : peeked;
    }

    @Override
    public boolean hasNext() {
        if (next == null) next = read();
        return next != null;
    }

    @Override
    public JsonRecord next() {
        if (!hasNext()) throw new NoSuchElementException(file + " has no more lines");
        JsonRecord record = next;
        next = null;
        return record;
    }

    /** The remaining records, in order; the stream closes this file when it is closed. */
    public Stream<JsonRecord> stream() {
        var ordered = Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL);
        return StreamSupport.stream(ordered, false).onClose(this::close);
    }

    private JsonRecord read() {
        try {
            int length = readLine();
            if (length < 0) return null;
            String text = decode(pending, length);
            if (text.isBlank()) throw BadInput.atLine(file, line, "blank line", "remove it");
            if (text.charAt(0) == '\ufeff') {
                throw BadInput.atLine(file, line, "starts with a byte order mark", "save the file as UTF-8 without it");
            }
            return JsonRecord.parse(file, line, text);
        } catch (ZipException | EOFException e) {
            throw damaged(file, line, e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    /**
     * Leaves a line without its line break in {@link #pending}.
     *
     * @return its length, or -1 at the end of the file
     */
    private int readLine() throws IOException {
        int length = 0;
        line++;
        while (true) {
            if (position == limit && !fill()) return length == 0 ? -1 : length;
            int end = position;
            while (end < limit && buffer[end] != '\n') end++;
            length = append(end, length);
            boolean complete = end < limit;
            position = complete ? end + 1 : end;
            if (complete) return length;
        }
    }

    private int append(int end, int length) {
        int total = length + end - position;
        if (total > MAX_LINE_BYTES) {
            throw BadInput.atLine(file, line, "line is longer than " + MAX_LINE_BYTES + " bytes",
                    "put one JSON object on each line");
        }
        if (total > pending.length) {
            pending = Arrays.copyOf(pending, Math.min(MAX_LINE_BYTES, Math.max(total, 2 * pending.length)));
        }
        System.arraycopy(buffer, position, pending, length, end - position);
        return total;
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

    private static BadInput damaged(Path file, long line, IOException cause) {
        return BadInput.atLine(file, line, cause.getMessage(), "copy or download the file again").causedBy(cause);
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
