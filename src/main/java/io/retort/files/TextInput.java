package io.retort.files;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A text file that somebody else's tools wrote, as UTF-8: decompressed (gzip, Zstandard), without the byte order mark
 * at its head, and converted from UTF-16, UTF-32, Windows-1252 or the encoding that its owner named. What is no text
 * (pictures, archives, documents) is refused by its name. Memory is bounded whatever the file says. One thread; close
 * after use.
 *
 * <p>Bytes that are not UTF-8 in a file that is UTF-8 elsewhere end the reading; readers of lines say which it is, and
 * go on with the next.
 */
public final class TextInput extends BlockInput {
    private final Path file;
    private final Utf8Conversion bytes;

    private TextInput(Path file, Utf8Conversion bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** Opens a file, and finds its encoding out. */
    public static TextInput open(Path file) throws IOException {
        return open(file, TextEncoding.AUTO);
    }

    /**
     * Opens a file.
     *
     * @throws BadInput if there is none of that name, or it is of a kind that cannot be read as text
     */
    public static TextInput open(Path file, TextEncoding encoding) throws IOException {
        try {
            return new TextInput(file, converted(file, encoding));
        } catch (ZipException | EOFException e) {
            throw Compression.damaged(file, 0, e);
        }
    }

    /** As {@link #open}, with damage of the compressed data as the exception that it brought, to be told by line. */
    static Utf8Conversion converted(Path file, TextEncoding encoding) throws IOException {
        InputStream raw = InputFile.open(file);
        try {
            Compression.Content content = Compression.of(file, raw);
            return Utf8Conversion.of(file, content, encoding);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    /**
     * The text with which a file begins; a letter that is cut at the end stands as U+FFFD, as do bytes that are not UTF-8
     * in a file that is UTF-8 elsewhere.
     *
     * @param bytes the first bytes of the file, decompressed
     * @throws BadInput if they are of a file that is no text
     */
    public static String beginning(Path file, byte[] bytes, TextEncoding encoding) throws IOException {
        FileHead head = new FileHead(Arrays.copyOf(bytes, Math.min(bytes.length, FileHead.LENGTH)));
        Optional<Charset> charset = encoding.charset().or(head::markedEncoding);
        if (charset.isPresent()) {
            String text = new String(bytes, charset.get());
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        }
        var content = new Compression.Content(new ByteArrayInputStream(bytes), head);
        try (Utf8Conversion text = Utf8Conversion.of(file, content, encoding)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * What a user should know of how the text was read, in the words of a sentence's end: "is not UTF-8 and was read as
     * Windows-1252". Complete when the file has been read.
     */
    public Optional<String> note() {
        return bytes.note();
    }

    /**
     * @throws BadInput if compressed data are damaged, or the bytes are none of the encoding
     */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int count = bytes.read(into, offset, length);
            if (bytes.damage() < 0) return count;
            throw BadInput.in(file, String.format(Locale.ROOT, "is UTF-8, but not at byte %,d", bytes.damage() + 1),
                    "mend it there, or name its encoding if it is another (the setting `encoding`)");
        } catch (ZipException | EOFException e) {
            throw Compression.damaged(file, 0, e);
        }
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
