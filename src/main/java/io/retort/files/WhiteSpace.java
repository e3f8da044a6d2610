package io.retort.files;

import java.util.regex.Pattern;

/**
 * What counts as white space, and when a text is blank: the one answer for every file, option and turn. Java's own
 * {@code isBlank} and {@code strip} know neither the no-break spaces (U+00A0, U+2007, U+202F) nor U+0085, and a text of
 * these alone would pass as one and then come to nothing.
 *
 * <p>White space is Unicode's property White_Space and the information separators U+001C to U+001F. A text is
 * <em>blank</em> if it has nothing but white space and characters that show nothing by themselves: controls, format
 * characters (zero-width spaces, joiners, byte order marks, direction marks), variation selectors and the Hangul
 * fillers.
 */
public final class WhiteSpace {
    /** White space as a character class for regular expressions, brackets included. */
    public static final String CLASS = "[\\p{IsWhite_Space}\\x1c-\\x1f]";
    private static final Pattern RUN = Pattern.compile(CLASS + "+");

    private WhiteSpace() {}

    /** Whether a character, given as a code point, is white space. */
    public static boolean is(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint) || codePoint == 0x85;
    }

    /** Whether a reader would see nothing at all. */
    public static boolean isBlank(String text) {
        for (int at = 0; at < text.length();) {
            int c = text.codePointAt(at);
            if (!is(c) && !showsNothing(c)) return false;
            at += Character.charCount(c);
        }
        return true;
    }

    private static boolean showsNothing(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT -> true;
            default -> codePoint >= 0xfe00 && codePoint <= 0xfe0f // variation selectors
                    || codePoint >= 0xe0100 && codePoint <= 0xe01ef // variation selectors' supplement
                    || codePoint >= 0x180b && codePoint <= 0x180f // Mongolian variation selectors
                    || codePoint == 0x34f // combining grapheme joiner
                    || codePoint == 0x115f || codePoint == 0x1160 || codePoint == 0x3164 || codePoint == 0xffa0;
        };
    }

    /** The text without the white space at its ends. */
    public static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && is(text.charAt(start))) start++;
        while (end > start && is(text.charAt(end - 1))) end--;
        return text.substring(start, end);
    }

    /** The text with one space for each run of white space, and none at its ends. */
    public static String collapse(String text) {
        return strip(RUN.matcher(text).replaceAll(" "));
    }

    /** Number of words in a text: runs of characters between white space. */
    public static int words(String text) {
        int words = 0;
        boolean isInWord = false;
        for (int i = 0; i < text.length(); i++) { // white space is no surrogate
            boolean isOfWord = !is(text.charAt(i));
            if (isOfWord && !isInWord) words++;
            isInWord = isOfWord;
        }
        return words;
    }
}
