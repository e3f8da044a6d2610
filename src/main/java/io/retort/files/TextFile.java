package io.retort.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Plain text of a file: prompts, templates, lists, and whatever else is text. */
public final class TextFile {
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private TextFile() {}

    /**
     * Reads the text of a file.
     *
     * @param most bytes that it may have
     * @throws BadInput if there is no such file, it is larger, or it is not UTF-8
     */
    public static String read(Path file, int most) throws IOException {
        return decode(file, InputFile.bytes(file, most));
    }

    /**
     * Opens a file as text, decompressed, without the byte order mark that may stand before it. Reading throws a {@link
     * CharacterCodingException} where bytes are not of the encoding.
     *
     * @param encoding of the bytes; if empty, UTF-8
     */
    public static BufferedReader reader(Path file, Optional<Charset> encoding) throws IOException {
        InputStream bytes = InputFile.decompressed(file);
        var reader = new BufferedReader(
                new InputStreamReader(bytes, encoding.orElse(StandardCharsets.UTF_8).newDecoder()), 1 << 16);
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) reader.reset();
        return reader;
    }

    /**
     * The text with which a file begins, as {@link #reader} would give it; bytes that are not of the encoding stand as
     * U+FFFD, as does a character that is cut at the end.
     */
    public static String beginning(byte[] bytes, Optional<Charset> encoding) {
        String text = new String(bytes, encoding.orElse(StandardCharsets.UTF_8));
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    /**
     * Decodes the bytes of a file as UTF-8 text, without the byte order mark that may stand before it.
     *
     * @param file where they come from, for messages
     * @throws BadInput if they are not UTF-8
     */
    public static String decode(Path file, byte[] bytes) {
        FileHead head = new FileHead(Arrays.copyOf(bytes, Math.min(bytes.length, FileHead.LENGTH)));
        head.requireText(file);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (head.hasUtf8Mark()) in.position(3);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(in).toString();
        } catch (CharacterCodingException e) {
            long line = 1 + java.util.stream.IntStream.range(0, in.position()).filter(i -> bytes[i] == '\n').count();
            throw BadInput.atLine(file, line, "not UTF-8", "convert the file to UTF-8 (iconv -f … -t UTF-8)")
                    .causedBy(e);
        }
    }
}
