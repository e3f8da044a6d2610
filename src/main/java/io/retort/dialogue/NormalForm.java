package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The form in which two spellings of one reply are the same: Unicode NFKC, lower case, curly quotes straightened, runs
 * of white space as one space, none at the ends and none beside punctuation. So {@code "Hey  there ! I 'm fine ."} and
 * {@code "hey there! I’m fine."} are one reply; {@code "fine."} and {@code "fine!"} stay two.
 */
public final class NormalForm {
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u2018\u2019\u201a\u201b\u02bc]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c\u201d\u201e\u201f]");
    private static final Pattern WHITE_SPACE = Pattern.compile(WhiteSpace.CLASS + "+");
    private static final Pattern BESIDE_PUNCTUATION = Pattern.compile(" (?=\\p{P})|(?<=\\p{P}) ");

    /** ASCII of Unicode's category P: the dollar, plus, caret and other symbols are none. */
    private static final boolean[] IS_PUNCTUATION = new boolean[0x80];
    static {
        for (char c : "!\"#%&'()*,-./:;?@[\\]_{}".toCharArray()) IS_PUNCTUATION[c] = true;
    }

    private NormalForm() {}

    /** The normal form of a text, empty for white space alone. The normal form of a normal form is itself. */
    public static String of(String text) {
        String plain = ofPlain(text);
        if (plain != null) return plain;
        String form = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        form = Normalizer.normalize(form, Normalizer.Form.NFKC);
        form = SINGLE_QUOTES.matcher(form).replaceAll("'");
        form = DOUBLE_QUOTES.matcher(form).replaceAll("\"");
        form = WHITE_SPACE.matcher(form).replaceAll(" ").strip();
        return BESIDE_PUNCTUATION.matcher(form).replaceAll("");
    }

    /** The same in one pass, for ASCII and curly quotes, of which most texts are made; null for all others. */
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
                else return null;
            }
            if (spaceIsDue && !IS_PUNCTUATION[c] && !IS_PUNCTUATION[form[length - 1]]) form[length++] = ' ';
            spaceIsDue = false;
            form[length++] = (byte) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        }
        return new String(form, 0, length, StandardCharsets.ISO_8859_1);
    }
}
