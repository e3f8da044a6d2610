package io.retort.files;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON text in the making, as bytes: what is to be written stands there without being made a tree or a text first. Its
 * strings are, byte by byte, those that Jackson writes to a stream, so that files do not depend on which of the two
 * wrote them: letters of four bytes are escaped. One thread.
 */
public final class JsonBytes {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final byte[] HEXADECIMAL = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[1 << 12];
    private int length;

    /** Begins with nothing. */
    public JsonBytes() {}

    void clear() {
        length = 0;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    private void reserve(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), (int) Math.min(2L * bytes.length,
                    Integer.MAX_VALUE - 8)));
        }
    }

    /** Appends bytes as they are: marks, keys, or the inside of a string that needs no escapes. */
    public void raw(byte[] from, int start, int end) {
        reserve(end - start);
        System.arraycopy(from, start, bytes, length, end - start);
        length += end - start;
    }

    /** Appends bytes as they are. */
    public void raw(byte[] from) {
        raw(from, 0, from.length);
    }

    /** Appends one mark. */
    public void mark(char mark) {
        reserve(1);
        bytes[length++] = (byte) mark;
    }

    /**
     * Appends a text as a string, quotes included.
     *
     * @throws IllegalArgumentException if it holds half of a surrogate pair, which no UTF-8 has
     */
    public void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        // Halves of pairs have become question marks.
        if (holdsQuestion(utf8)) requirePairs(text);
        mark('"');
        int start = 0;
        for (int at = plain(utf8, 0); at < utf8.length; at = plain(utf8, start)) {
            raw(utf8, start, at);
            start = isLong(utf8[at]) ? escapePair(utf8, at) : escape(utf8[at], at);
        }
        raw(utf8, start, utf8.length);
        mark('"');
    }

    private static boolean holdsQuestion(byte[] utf8) {
        for (byte each : utf8) if (each == '?') return true;
        return false;
    }

    private static void requirePairs(String text) {
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (!Character.isSurrogate(each)) continue;
            boolean isPair = Character.isHighSurrogate(each) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (!isPair) throw new IllegalArgumentException("text holds half of a surrogate pair, at " + i);
            i++;
        }
    }

    /** The place of the first byte that must be escaped; the length if there is none. */
    private static int plain(byte[] utf8, int from) {
        int at = from;
        while (at + Long.BYTES <= utf8.length) {
            long word = (long) WORDS.get(utf8, at);
            long fours = word & word << 1 & word << 2 & word << 3 & HIGH_BITS;
            long found = JsonCursor.marks(word) | fours;
            if (found != 0) return at + (Long.numberOfTrailingZeros(found) >> 3);
            at += Long.BYTES;
        }
        while (at < utf8.length && utf8[at] != '"' && utf8[at] != '\\' && (utf8[at] < 0 || utf8[at] >= ' ')
                && !isLong(utf8[at]))
            at++;
        return at;
    }

    /** Whether a byte begins a letter of four, one beyond the first 65,536. */
    private static boolean isLong(byte value) {
        return (value & 0xf0) == 0xf0;
    }

    /** What stands there so far. */
    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Escapes a byte; where the rest begins. */
    private int escape(byte value, int at) {
        int letter = switch (value) {
            case '"', '\\' -> value;
            case '\n' -> 'n';
            case '\t' -> 't';
            case '\r' -> 'r';
            case '\b' -> 'b';
            case '\f' -> 'f';
            default -> 0;
        };
        if (letter == 0) {
            unit(value);
        } else {
            mark('\\');
            mark((char) letter);
        }
        return at + 1;
    }

    /** Writes a letter of four bytes as the two escapes that every reader of JSON knows; where the rest begins. */
    private int escapePair(byte[] utf8, int at) {
        int letter = (utf8[at] & 7) << 18 | (utf8[at + 1] & 0x3f) << 12 | (utf8[at + 2] & 0x3f) << 6
                | utf8[at + 3] & 0x3f;
        unit(Character.highSurrogate(letter));
        unit(Character.lowSurrogate(letter));
        return at + 4;
    }

    private void unit(int value) {
        reserve(6);
        bytes[length++] = '\\';
        bytes[length++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) bytes[length++] = HEXADECIMAL[value >> shift & 0xf];
    }
}
