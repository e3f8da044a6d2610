package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a line of {@link DialogueFile} as Retort itself writes it, straight from its bytes. Whatever it is not sure of,
 * be it right or wrong, it leaves to the strict reader, which builds a tree and knows what to complain of: the two give
 * the same dialogue wherever this one gives any. One line each.
 */
final class DialogueScanner {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final int MOST_DEPTH = 8;
    private static final int MOST_DIGITS = 9;
    private static final int MOST_KEY = 200;
    private static final char NO_LETTER = '\ufffd';

    private final byte[] bytes;
    private final int end;
    private final String[] speakers = new String[2]; // those that were met last in the line
    private int spoken;
    private int at;

    private DialogueScanner(byte[] utf8, int length) {
        this.bytes = utf8;
        this.end = length;
    }

    /** The dialogue of a line; null where the strict reader must see it. */
    static Dialogue read(byte[] utf8, int length) {
        return new DialogueScanner(utf8, length).dialogue();
    }

    private Dialogue dialogue() {
        if (!take('{')) return null;
        String id = null;
        String source = null;
        String split = null;
        List<Turn> turns = null;
        Map<?, ?> meta = null;
        do {
            String key = string();
            if (key == null || !take(':')) return null;
            switch (key) {
                case "id" -> {
                    if (id != null || (id = string()) == null) return null;
                }
                case "source" -> {
                    if (source != null || (source = string()) == null) return null;
                }
                case "split" -> {
                    if (split != null || (split = string()) == null) return null;
                }
                case "turns" -> {
                    if (turns != null || (turns = turns()) == null) return null;
                }
                case "meta" -> {
                    if (meta != null || !(value(0) instanceof Map<?, ?> values)) return null;
                    meta = values;
                }
                default -> {
                    return null;
                }
            }
        } while (take(','));
        if (!take('}') || peek() != -1 || id == null || turns == null) return null;
        return new Dialogue(id, source == null ? "" : source, split == null ? "" : split, turns,
                meta == null ? Map.of() : named(meta));
    }

    @SuppressWarnings("unchecked") // object() makes maps by texts
    private static Map<String, Object> named(Map<?, ?> values) {
        return (Map<String, Object>) values;
    }

    /** A value of free form; null for one that takes a closer look, as null itself and fractions do. */
    private Object value(int depth) {
        return switch (peek()) {
            case '"' -> string();
            case '{' -> depth < MOST_DEPTH ? object(depth) : null;
            case '[' -> depth < MOST_DEPTH ? list(depth) : null;
            case 't' -> word("true") ? true : null;
            case 'f' -> word("false") ? false : null;
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        if (take('}')) return object;
        do {
            String key = string();
            if (key == null || key.length() > MOST_KEY || !take(':')) return null;
            Object value = value(depth + 1);
            if (value == null || object.put(key, value) != null) return null;
        } while (take(','));
        return take('}') ? object : null;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        if (take(']')) return list;
        do {
            Object value = value(depth + 1);
            if (value == null) return null;
            list.add(value);
        } while (take(','));
        return take(']') ? list : null;
    }

    private boolean word(String word) {
        for (int i = 0; i < word.length(); i++) if (at >= end || bytes[at++] != word.charAt(i)) return false;
        return true;
    }

    /** A whole number of few digits. */
    private Integer number() {
        int start = at;
        int sum = 0;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') sum = 10 * sum + bytes[at++] - '0';
        boolean isPlain = at > start && at - start <= MOST_DIGITS && (bytes[start] != '0' || at == start + 1);
        int next = isPlain ? peek() : -1;
        return next == ',' || next == '}' || next == ']' ? Integer.valueOf(sum) : null;
    }

    private List<Turn> turns() {
        if (!take('[')) return null;
        List<Turn> turns = new ArrayList<>();
        do {
            Turn turn = turn();
            if (turn == null) return null;
            turns.add(turn);
        } while (take(','));
        return take(']') ? turns : null;
    }

    private Turn turn() {
        if (!take('{')) return null;
        String speaker = null;
        String text = null;
        do {
            int key = shortKey();
            if (!take(':')) return null;
            if (key == 's' && speaker == null) speaker = speaker();
            else if (key == 't' && text == null) text = string();
            else return null;
        } while (take(','));
        if (!take('}') || speaker == null || text == null || WhiteSpace.isBlank(text)) return null;
        return new Turn(speaker, text);
    }

    /** The key that stands next if it is of one letter; 0 for any other. */
    private int shortKey() {
        if (peek() != '"' || at + 2 >= end || bytes[at + 2] != '"') return 0;
        at += 3;
        return bytes[at - 2];
    }

    /** The string that stands next, which often is that of the turn before or the one before that. */
    private String speaker() {
        if (peek() != '"') return null;
        for (String known : speakers) {
            if (known == null || !isNext(known)) continue;
            at += known.length() + 2;
            return known;
        }
        int start = at;
        String speaker = string();
        // As many bytes as letters: no escapes and ASCII alone, so that the same bytes are the same speaker.
        boolean isPlain = speaker != null && at - start == speaker.length() + 2;
        if (isPlain) speakers[spoken++ % speakers.length] = speaker;
        return speaker;
    }

    /** Whether a quoted text stands next; it holds neither quotes nor escapes. */
    private boolean isNext(String text) {
        int last = at + text.length() + 1;
        if (last >= end || bytes[last] != '"') return false;
        for (int i = 0; i < text.length(); i++) if (bytes[at + 1 + i] != text.charAt(i)) return false;
        return true;
    }

    /** The next byte that is no white space, which stays; -1 at the end. */
    private int peek() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) at++;
        return at < end ? bytes[at] & 0xff : -1;
    }

    private boolean take(char mark) {
        if (peek() != mark) return false;
        at++;
        return true;
    }

    /** The string that stands next; null where there is none, or one that takes a closer look. */
    private String string() {
        if (!take('"')) return null;
        int start = at;
        long high = 0;
        while (at + Long.BYTES <= end) {
            long word = (long) WORDS.get(bytes, at);
            long ends = marks(word);
            if (ends != 0) {
                int before = Long.numberOfTrailingZeros(ends) & ~7;
                high |= before == 0 ? 0 : word & HIGH_BITS & (-1L >>> Long.SIZE - before);
                at += before >> 3;
                return ended(start, high != 0);
            }
            high |= word & HIGH_BITS;
            at += Long.BYTES;
        }
        while (at < end && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] < 0 || bytes[at] >= ' ')) {
            high |= bytes[at] & 0x80;
            at++;
        }
        return ended(start, high != 0);
    }

    /** High bits in those bytes of a word that are a quote, a backslash or a control character; the lowest is right. */
    private static long marks(long word) {
        long quote = word ^ ONES * '"';
        long backslash = word ^ ONES * '\\';
        return (quote - ONES & ~quote | backslash - ONES & ~backslash | word - ONES * ' ' & ~word) & HIGH_BITS;
    }

    private String ended(int start, boolean hasLetters) {
        if (at >= end) return null;
        if (bytes[at] == '\\') return escaped(start);
        if (bytes[at] != '"') return null;
        String text = decode(start, at, hasLetters);
        at++;
        return text;
    }

    private String decode(int from, int to, boolean hasLetters) {
        if (!hasLetters) return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        // Perhaps it stands there as such, perhaps for what is no UTF-8.
        return text.indexOf(NO_LETTER) < 0 ? text : null;
    }

    private String escaped(int start) {
        StringBuilder text = new StringBuilder();
        int from = start;
        while (at < end) {
            byte next = bytes[at];
            if (next != '"' && next != '\\') {
                if (next >= 0 && next < ' ') return null;
                at++;
                continue;
            }
            String part = decode(from, at, true);
            if (part == null) return null;
            text.append(part);
            at++;
            if (next == '"') return text.toString();
            int letter = escape();
            if (letter < 0) return null;
            text.append((char) letter);
            from = at;
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
            case 'u' -> hexadecimal();
            default -> -1;
        };
    }

    private int hexadecimal() {
        if (at + 4 > end) return -1;
        int letter = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(bytes[at++], 16);
            if (digit < 0) return -1;
            letter = letter << 4 | digit;
        }
        return Character.isSurrogate((char) letter) ? -1 : letter;
    }
}
