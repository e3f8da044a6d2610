package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/**
 * The form in which two spellings of one reply are the same: Unicode NFKC, lower case, curly quotes straightened, runs
 * of white space as one space, none at the ends and none beside punctuation. So {@code "Hey  there ! I 'm fine ."} and
 * {@code "hey there! I’m fine."} are one reply; {@code "fine."} and {@code "fine!"} stay two.
 */
public final class NormalForm {
    /** Unicode's category P as bits of {@link Character#getType}. */
    private static final int PUNCTUATION = 1 << Character.CONNECTOR_PUNCTUATION | 1 << Character.DASH_PUNCTUATION
            | 1 << Character.START_PUNCTUATION | 1 << Character.END_PUNCTUATION
            | 1 << Character.INITIAL_QUOTE_PUNCTUATION | 1 << Character.FINAL_QUOTE_PUNCTUATION
            | 1 << Character.OTHER_PUNCTUATION;
    private static final int MULTIPLICATION_SIGN = 0xd7;
    private static final int SHARP_S = 0xdf;

    /** Of ASCII, Unicode's category P: the dollar, plus, caret and other symbols are none; letters beyond are none. */
    private static final boolean[] IS_PUNCTUATION = new boolean[0x100];
    static {
        for (char c : "!\"#%&'()*,-./:;?@[\\]_{}".toCharArray()) IS_PUNCTUATION[c] = true;
    }

    private NormalForm() {}

    /** Whether an ASCII character is punctuation, beside which no space is kept. */
    public static boolean isPunctuation(char ascii) {
        return IS_PUNCTUATION[ascii];
    }

    /** The normal form of a text, empty for white space alone. The normal form of a normal form is itself. */
    public static String of(String text) {
        String plain = ofPlain(text);
        if (plain != null) return plain;
        String form = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        form = Normalizer.normalize(form, Normalizer.Form.NFKC);
        return spaced(form);
    }

    /** Straightens quotes, and leaves one space for white space between what is no punctuation. */
    private static String spaced(String text) {
        StringBuilder form = new StringBuilder(text.length());
        boolean spaceIsDue = false, isAfterPunctuation = false;
        for (int at = 0; at < text.length();) {
            int c = straight(text.codePointAt(at));
            at += Character.charCount(c);
            if (WhiteSpace.is(c)) {
                spaceIsDue = !form.isEmpty();
                continue;
            }
            boolean isPunctuation = (PUNCTUATION >> Character.getType(c) & 1) != 0;
            if (spaceIsDue && !isPunctuation && !isAfterPunctuation) form.append(' ');
            form.appendCodePoint(c);
            spaceIsDue = false;
            isAfterPunctuation = isPunctuation;
        }
        return form.toString();
    }

    private static int straight(int c) {
        if (c >= '\u2018' && c <= '\u201b' || c == '\u02bc') return '\'';
        return c >= '\u201c' && c <= '\u201f' ? '"' : c;
    }

    /**
     * The same in one pass, for ASCII, the letters of Western Europe and curly quotes, of which most texts are made; null
     * for all others. Each of these letters is its own NFKC, and its lower case is one letter of the same range.
     */
    private static String ofPlain(String text) {
        byte[] form = new byte[text.length()];
        int length = 0;
        boolean spaceIsDue = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x1f) {
                spaceIsDue = length > 0;
                continue;
            }
            if (c >= 0x80) {
                if (c >= '\u2018' && c <= '\u201b') c = '\'';
                else if (c >= '\u201c' && c <= '\u201f') c = '"';
                else if (c < 0xc0 || c > 0xff) return null;
            }
            if (spaceIsDue && !IS_PUNCTUATION[c] && !IS_PUNCTUATION[form[length - 1] & 0xff]) form[length++] = ' ';
            spaceIsDue = false;
            form[length++] = (byte) (isUpper(c) ? c + ('a' - 'A') : c);
        }
        return new String(form, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Of ASCII and the letters from U+00C0 to U+00FF. */
    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z' || c >= 0xc0 && c < SHARP_S && c != MULTIPLICATION_SIGN;
    }
}
