package io.retort.tensor;

import io.retort.files.BadInput;
import java.lang.foreign.ValueLayout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/**
 * A place in a GGUF file that moves forward over numbers and strings. Every length is checked against the file before
 * anything is read or allocated by it. One thread.
 */
final class GgufCursor {
    /** The advice for a user whose file has a broken structure. */
    static final String REMEDY = "the file is damaged or not GGUF: fetch it again";
    /** The bytes that a string takes at least: those of its length. */
    static final int SHORTEST_TEXT = Long.BYTES;

    /** The most bytes of a string, which is far above any chat template. */
    private static final int LONGEST_TEXT = 1 << 26;

    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private final MappedFile file;
    private long position;

    GgufCursor(MappedFile file, long position) {
        this.file = file;
        this.position = position;
    }

    /** Returns where the cursor is, in bytes from the start of the file. */
    long position() {
        return position;
    }

    byte int8() {
        return file.bytes().get(ValueLayout.JAVA_BYTE, advance(Byte.BYTES));
    }

    short int16() {
        return file.bytes().get(Tensor.SHORT, advance(Short.BYTES));
    }

    int int32() {
        return file.bytes().get(Tensor.INT, advance(Integer.BYTES));
    }

    long int64() {
        return file.bytes().get(Tensor.LONG, advance(Long.BYTES));
    }

    /**
     * Reads a 64-bit count of things that follow.
     *
     * @param what what is counted, for the message
     * @param least the bytes that each takes at least
     * @throws BadInput if so many cannot follow
     */
    long count(String what, int least) {
        long at = position;
        long count = int64();
        long left = file.size() - position;
        if (count < 0 || count > left / least) {
            throw refusal(at, Long.toUnsignedString(count) + " " + what + ", but only " + left + " bytes follow");
        }
        return count;
    }

    /** Reads a string: its length in bytes (64 bits), then UTF-8. */
    String text() {
        return text(LONGEST_TEXT);
    }

    /** Reads a string of at most {@code longest} bytes. */
    String text(int longest) {
        long at = position;
        long length = count("bytes of text", 1);
        if (length == 0) return "";
        if (length > longest) throw refusal(at, "a text of " + length + " bytes");
        long start = advance(length);
        try {
            return utf8.decode(file.bytes().asSlice(start, length).asByteBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw refusal(start, "a text that is not UTF-8").causedBy(e);
        }
    }

    void skipText() {
        advance(count("bytes of text", 1));
    }

    /** Passes over that many bytes and returns where they start. */
    long advance(long bytes) {
        long start = position;
        if (bytes > file.size() - start) throw refusal(start, "the file ends where " + bytes + " more bytes should be");
        position = start + bytes;
        return start;
    }

    /** Makes the refusal, for the caller to throw, of a file that is damaged at byte {@code offset}. */
    BadInput refusal(long offset, String problem) {
        return BadInput.atOffset(file.path(), offset, problem, REMEDY);
    }
}
