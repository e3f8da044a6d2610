package io.retort.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Plain text that is read as a whole: prompts, templates, lists. */
public final class TextFile {
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
