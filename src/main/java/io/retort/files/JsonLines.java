package io.retort.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The records of a JSONL file, plain or compressed (gzip, Zstandard; told by content, not by name), read strictly: every
 * line is one JSON object in UTF-8, of at most {@value #MAX_LINE_BYTES} bytes. Memory stays bounded by the longest line. One thread;
 * close after use.
 *
 * <p>{@code next()} and {@code hasNext()} throw {@link BadInput} with file and line for whatever is wrong with the
 * file, and {@link UncheckedIOException} when the disk fails.
 */
public final class JsonLines implements Iterator<JsonRecord>, AutoCloseable {
    /** Longest line that is read, so that a file without line breaks does not fill the memory. */
    public static final int MAX_LINE_BYTES = LineReader.MAX_LINE_BYTES;
    private static final String BYTE_ORDER_MARK = "\ufeff";

    private static final int NONE = -1;

    private final LineReader lines;
    private final boolean takesMarks;
    private int length = NONE;

    /**
     * Reads a line from its bytes where that is easy, which is faster than parsing it.
     *
     * @param <T> what a line holds
     */
    public interface QuickDecoder<T> {
        /** What a line says; null if it is to be parsed. The bytes must not be kept. */
        T decode(byte[] utf8, int length);
    }

    private JsonLines(LineReader lines, boolean takesMarks) {
        this.lines = lines;
        this.takesMarks = takesMarks;
    }

    /**
     * Opens a file.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    public static JsonLines open(Path file) throws IOException {
        return new JsonLines(LineReader.open(file, LineReader.LineEnds.LINE_FEED), false);
    }

    /**
     * Opens a file that other tools wrote, in whatever encoding it is; byte order marks are passed over.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    public static JsonLines open(Path file, TextEncoding encoding) throws IOException {
        return new JsonLines(LineReader.open(file, LineReader.LineEnds.LINE_FEED, encoding), true);
    }

    /** See {@link TextInput#note()}. */
    public Optional<String> note() {
        return lines.note();
    }

    @Override
    public boolean hasNext() {
        if (length == NONE) length = lines.nextLength();
        return length != NONE;
    }

    @Override
    public JsonRecord next() {
        if (!hasNext()) throw new NoSuchElementException(lines.file() + " has no more lines");
        return parsed(taken());
    }

    /**
     * The next record by a decoder, or what another makes of the parsed line where the first declines.
     *
     * @throws BadInput as of {@link #next()}
     */
    public <T> T next(QuickDecoder<T> quick, Function<JsonRecord, T> strict) {
        if (!hasNext()) throw new NoSuchElementException(lines.file() + " has no more lines");
        int taken = taken();
        T record = quick.decode(lines.bytes(), taken);
        return record != null ? record : strict.apply(parsed(taken));
    }

    private int taken() {
        int taken = length;
        length = NONE;
        return taken;
    }

    /** The remaining records, in order; the stream closes this file when it is closed. */
    public Stream<JsonRecord> stream() {
        var ordered = Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL);
        return StreamSupport.stream(ordered, false).onClose(this::close);
    }

    private JsonRecord parsed(int bytes) {
        String text = lines.text(bytes);
        Path file = lines.file();
        if (takesMarks) {
            while (text.startsWith(BYTE_ORDER_MARK)) text = text.substring(1);
        } else if (text.startsWith(BYTE_ORDER_MARK)) {
            throw BadInput.atLine(file, lines.line(), "starts with a byte order mark",
                    "save the file as UTF-8 without it");
        }
        if (WhiteSpace.isBlank(text)) throw BadInput.atLine(file, lines.line(), "blank line", "remove it");
        return JsonRecord.parse(file, lines.line(), text);
    }

    @Override
    public void close() {
        lines.close();
    }
}
