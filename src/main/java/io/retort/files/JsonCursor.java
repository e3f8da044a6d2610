package io.retort.files;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Goes over a JSON text in bytes from token to token, for readers that know what to expect. It takes what most lines are
 * made of; of whatever it is not sure, be it right or wrong, it says that it has not been there, and the line is left to
 * a parser that knows what to complain of. One thread.
 */
public final class JsonCursor {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final int MOST_DIGITS = 9;
    private static final int LONGEST_NUMBER = 40;
    private static final char NO_LETTER = '\ufffd';
    /** Strings that are remembered since they come again; a power of two. */
    private static final int FAMILIAR = 4;

    private byte[] bytes = new byte[0];
    private int end;
    private int at;
    private int from;
    private int to;
    private String decoded;
    private final String[] familiar = new String[FAMILIAR];
    private int met;

    /** Begins at the start of a text, which must not change while the cursor is on it. */
    public void open(byte[] utf8, int length) {
        bytes = utf8;
        end = length;
        at = 0;
    }

    /** The next byte that is no white space within a line, which stays; -1 at the end. */
    public int peek() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) at++;
        return at < end ? bytes[at] & 0xff : -1;
    }

    /** Passes over a mark if it stands next. */
    public boolean take(char mark) {
        if (peek() != mark) return false;
        at++;
        return true;
    }

    /** Passes over a word such as true, which begins here; false if it is another, after which the cursor is of no use. */
    public boolean takeWord(String word) {
        for (int i = 0; i < word.length(); i++) if (at >= end || bytes[at++] != word.charAt(i)) return false;
        return true;
    }

    /** Passes over a string if it stands next just so; it holds neither quotes, escapes nor other letters than ASCII's. */
    public boolean takeString(String text) {
        if (peek() != '"' || !isNext(text)) return false;
        at += text.length() + 2;
        return true;
    }

    /** A whole number of few digits; null for any other. */
    public Integer number() {
        int start = at;
        int sum = 0;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') sum = 10 * sum + bytes[at++] - '0';
        boolean isPlain = at > start && at - start <= MOST_DIGITS && (bytes[start] != '0' || at == start + 1);
        int next = isPlain ? peek() : -1;
        return next == ',' || next == '}' || next == ']' ? Integer.valueOf(sum) : null;
    }

    /** Passes over a number of any kind that JSON knows, if it is not very long. */
    public boolean takeNumber() {
        int start = at;
        if (at < end && bytes[at] == '-') at++;
        int first = at;
        if (!takeDigits() || bytes[first] == '0' && at > first + 1) return false;
        if (at < end && bytes[at] == '.') {
            at++;
            if (!takeDigits()) return false;
        }
        if (at < end && (bytes[at] | 0x20) == 'e') {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) at++;
            if (!takeDigits()) return false;
        }
        int next = peek();
        return at - start <= LONGEST_NUMBER && (next == ',' || next == '}' || next == ']');
    }

    private boolean takeDigits() {
        int start = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') at++;
        return at > start;
    }

    /** The string that stands next; null where there is none, or one that takes a closer look. */
    public String string() {
        return takeString() ? taken() : null;
    }

    /** As {@link #string()}, for those that come again: one that was met lately is given again, not made anew. */
    public String familiarString() {
        if (peek() != '"') return null;
        for (String known : familiar) {
            if (known == null || !isNext(known)) continue;
            at += known.length() + 2;
            return known;
        }
        String text = string();
        if (text != null && decoded == null) familiar[met++ & FAMILIAR - 1] = text;
        return text;
    }

    /** Whether a quoted text stands here; it holds neither quotes nor escapes. */
    private boolean isNext(String text) {
        int last = at + text.length() + 1;
        if (last >= end || bytes[last] != '"') return false;
        for (int i = 0; i < text.length(); i++) if (bytes[at + 1 + i] != text.charAt(i)) return false;
        return true;
    }

    /**
     * Passes over the string that stands next; {@link #taken()} is what it says.
     *
     * @return false where there is none, or one that takes a closer look
     */
    public boolean takeString() {
        if (!take('"')) return false;
        from = at;
        decoded = null;
        long high = 0;
        while (at + Long.BYTES <= end) {
            long word = (long) WORDS.get(bytes, at);
            long ends = marks(word);
            if (ends != 0) {
                int before = Long.numberOfTrailingZeros(ends) & ~7;
                high |= before == 0 ? 0 : word & HIGH_BITS & (-1L >>> Long.SIZE - before);
                at += before >> 3;
                return ended(high != 0);
            }
            high |= word & HIGH_BITS;
            at += Long.BYTES;
        }
        while (at < end && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] < 0 || bytes[at] >= ' ')) {
            high |= bytes[at] & 0x80;
            at++;
        }
        return ended(high != 0);
    }

    /** High bits in those bytes of a word that are a quote, a backslash or a control character; the lowest is right. */
    static long marks(long word) {
        long quote = word ^ ONES * '"';
        long backslash = word ^ ONES * '\\';
        return (quote - ONES & ~quote | backslash - ONES & ~backslash | word - ONES * ' ' & ~word) & HIGH_BITS;
    }

    private boolean ended(boolean hasLetters) {
        if (at >= end) return false;
        if (bytes[at] == '\\') {
            decoded = escaped();
            return decoded != null;
        }
        if (bytes[at] != '"') return false;
        to = at++;
        if (hasLetters) decoded = decode(from, to);
        return !hasLetters || decoded != null;
    }

    /** What the string says that was passed last. */
    public String taken() {
        return decoded != null ? decoded : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Whether the string that was passed last is ASCII without escapes, so that its bytes are what it says. */
    public boolean isPlain() {
        return decoded == null;
    }

    /** Where the string begins that was passed last, if it is plain. */
    public int from() {
        return from;
    }

    /** Where it ends, if it is plain. */
    public int to() {
        return to;
    }

    private String decode(int start, int stop) {
        String text = new String(bytes, start, stop - start, StandardCharsets.UTF_8);
        // Perhaps it stands there as such, perhaps for what is no UTF-8.
        return text.indexOf(NO_LETTER) < 0 ? text : null;
    }

    private String escaped() {
        StringBuilder text = new StringBuilder();
        int start = from;
        while (at < end) {
            byte next = bytes[at];
            if (next != '"' && next != '\\') {
                if (next >= 0 && next < ' ') return null;
                at++;
                continue;
            }
            String part = decode(start, at);
            if (part == null) return null;
            text.append(part);
            at++;
            if (next == '"') return text.toString();
            int letter = escape();
            if (letter < 0) return null;
            text.appendCodePoint(letter);
            start = at;
        }
        return null;
    }

    /** The character that stands after a backslash; -1 for what takes a closer look, such as half a surrogate pair. */
    private int escape() {
        if (at >= end) return -1;
        return switch (bytes[at++]) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '/' -> '/';
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> codePoint();
            default -> -1;
        };
    }

    private int codePoint() {
        int letter = hexadecimal();
        if (letter < 0 || !Character.isSurrogate((char) letter)) return letter;
        boolean isPair = Character.isHighSurrogate((char) letter) && at + 1 < end && bytes[at] == '\\'
                && bytes[at + 1] == 'u';
        if (!isPair) return -1;
        at += 2;
        int low = hexadecimal();
        return low >= 0 && Character.isLowSurrogate((char) low) ? Character.toCodePoint((char) letter, (char) low) : -1;
    }

    private int hexadecimal() {
        if (at + 4 > end) return -1;
        int letter = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(bytes[at++], 16);
            if (digit < 0) return -1;
            letter = letter << 4 | digit;
        }
        return letter;
    }
}
