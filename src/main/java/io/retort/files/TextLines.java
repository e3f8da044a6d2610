package io.retort.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The lines of a plain text file, one text a line, plain or compressed, in strict UTF-8 unless opened otherwise. Lines end with a line feed, a
 * carriage return, or both. A byte order mark at the start of a line is no part of its text: editors put one at the
 * head of a file, and joining files carries it into their midst. One thread; close after use.
 *
 * <p>{@code next()} and {@code hasNext()} throw {@link BadInput} with file and line for whatever is wrong with the
 * file, and {@link UncheckedIOException} when the disk fails.
 */
public final class TextLines implements Iterator<String>, AutoCloseable {
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final LineReader lines;
    private String next;
    private long line;

    private final boolean verbatim;

    private TextLines(LineReader lines, boolean verbatim) {
        this.lines = lines;
        this.verbatim = verbatim;
    }

    /**
     * Opens a file.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    public static TextLines open(Path file) throws IOException {
        return new TextLines(LineReader.open(file, LineReader.LineEnds.ANY), false);
    }

    /**
     * Opens a file that other tools wrote, in whatever encoding it is.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    public static TextLines open(Path file, TextEncoding encoding) throws IOException {
        return new TextLines(LineReader.open(file, LineReader.LineEnds.ANY, encoding), false);
    }

    /** See {@link TextInput#note()}. */
    public Optional<String> note() {
        return lines.note();
    }

    /**
     * Opens a file of texts that are taken as they are: U+0000 within one is a character like others, which tokenizers
     * pass over.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    public static TextLines openVerbatim(Path file) throws IOException {
        return new TextLines(LineReader.open(file, LineReader.LineEnds.ANY), true);
    }

    @Override
    public boolean hasNext() {
        if (next == null) next = read(lines.nextLength());
        return next != null;
    }

    /**
     * Reads a line from its bytes where that is easy.
     *
     * @param <T> what a line holds
     */
    public interface ByteDecoder<T> {
        /** What a line says; null if it is to be read as text. The bytes must not be kept. */
        T decode(byte[] utf8, int length);
    }

    /**
     * What a decoder makes of the next line's bytes; null where it declines, and {@link #next()} gives that line then, or
     * where there is no line, as {@link #hasNext()} says.
     */
    public <T> T nextBy(ByteDecoder<T> quick) {
        if (next != null) return null;
        int length = lines.nextLength();
        line = lines.line();
        T read = length < 0 ? null : quick.decode(lines.bytes(), length);
        if (read == null) next = read(length);
        return read;
    }

    private String read(int length) {
        if (length < 0) return null;
        String text = lines.text(length);
        if (!verbatim && text.indexOf('\0') >= 0) {
            throw BadInput.atLine(lines.file(), lines.line(), "holds a zero byte: it is no text, or UTF-16",
                    "convert the file to UTF-8 (iconv -f … -t UTF-8)");
        }
        int start = 0;
        while (start < text.length() && text.charAt(start) == BYTE_ORDER_MARK) start++;
        return text.substring(start);
    }

    @Override
    public String next() {
        if (!hasNext()) throw new NoSuchElementException(lines.file() + " has no more lines");
        String text = next;
        next = null;
        line = lines.line();
        return text;
    }

    /**
     * The next line, which must not be blank.
     *
     * @throws BadInput if it is
     */
    public String nextFilled() {
        String text = next();
        if (WhiteSpace.isBlank(text)) {
            throw BadInput.atLine(lines.file(), line, "is empty or blank", "put one text on each line");
        }
        return text;
    }

    /** Number of the line that {@link #next()} or a decoder took last, from 1. */
    public long line() {
        return line;
    }

    @Override
    public void close() {
        lines.close();
    }
}
