package io.retort.cli;

import java.text.BreakIterator;
import java.util.Locale;

/**
 * How many columns of a terminal texts take: none for marks that combine with the letter before them, two for the wide
 * letters of East Asia and for pictures.
 */
final class Columns {
    private static final String CUT = "…";
    private static final int VARIATION_AS_PICTURE = 0xfe0f;
    /** First and last code points of what is two columns wide, after Unicode's East Asian Width (W and F). */
    private static final int[][] WIDE = {{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec},
        {0x23f0, 0x23f0}, {0x23f3, 0x23f3}, {0x25fd, 0x25fe}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267f, 0x267f},
        {0x2693, 0x2693}, {0x26a1, 0x26a1}, {0x26aa, 0x26ab}, {0x26bd, 0x26be}, {0x26c4, 0x26c5}, {0x26ce, 0x26ce},
        {0x26d4, 0x26d4}, {0x26ea, 0x26ea}, {0x26f2, 0x26f3}, {0x26f5, 0x26f5}, {0x26fa, 0x26fa}, {0x26fd, 0x26fd},
        {0x2705, 0x2705}, {0x270a, 0x270b}, {0x2728, 0x2728}, {0x274c, 0x274c}, {0x274e, 0x274e}, {0x2753, 0x2755},
        {0x2757, 0x2757}, {0x2795, 0x2797}, {0x27b0, 0x27b0}, {0x27bf, 0x27bf}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50},
        {0x2b55, 0x2b55}, {0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97f},
        {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe10, 0xfe19}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
        {0x16fe0, 0x18cff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e},
        {0x1f191, 0x1f19a}, {0x1f1e6, 0x1f265}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7f0},
        {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

    private Columns() {}

    /** The columns that a text takes, which should be {@linkplain #printable printable}. */
    static int of(String text) {
        int columns = 0, before = 0;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int point = text.codePointAt(at);
            // A narrow sign that is asked for as a picture becomes as wide as one.
            columns += point == VARIATION_AS_PICTURE && of(before) == 1 ? 1 : of(point);
            before = point;
        }
        return columns;
    }

    private static int of(int point) {
        if (point < 0x300) return point == 0xad ? 0 : 1;
        return switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> isWide(point) ? 2 : 1;
        };
    }

    private static boolean isWide(int point) {
        int low = 0, high = WIDE.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (point < WIDE[middle][0]) high = middle - 1;
            else if (point > WIDE[middle][1]) low = middle + 1;
            else return true;
        }
        return false;
    }

    /** The text, or as much of it as fits with a sign that it was cut, between letters and not within one. */
    static String cut(String text, int columns) {
        if (of(text) <= columns) return text;
        BreakIterator letters = BreakIterator.getCharacterInstance(Locale.ROOT);
        letters.setText(text);
        int end = 0;
        for (int next = letters.next(); next != BreakIterator.DONE; next = letters.next()) {
            if (of(text.substring(0, next)) > columns - of(CUT)) break;
            end = next;
        }
        return columns < of(CUT) ? "" : text.substring(0, end) + CUT;
    }

    /**
     * The text without line breaks and signs that command a terminal, which names of files and models may hold: each is
     * a space.
     */
    static String printable(String text) {
        return text.codePoints().map(point -> isCommand(point) ? ' ' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static boolean isCommand(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> true;
            // Marks that turn the direction of writing would turn what stands behind them, too.
            default -> point >= 0x202a && point <= 0x202e || point >= 0x2066 && point <= 0x2069;
        };
    }
}
