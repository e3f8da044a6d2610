package io.retort.dialogue;

import io.retort.files.WhiteSpace;
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

    private NormalForm() {}

    /** The normal form of a text, empty for white space alone. The normal form of a normal form is itself. */
    public static String of(String text) {
        if (isAscii(text)) return ofAscii(text);
        String form = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        form = Normalizer.normalize(form, Normalizer.Form.NFKC);
        form = SINGLE_QUOTES.matcher(form).replaceAll("'");
        form = DOUBLE_QUOTES.matcher(form).replaceAll("\"");
        form = WHITE_SPACE.matcher(form).replaceAll(" ").strip();
        return BESIDE_PUNCTUATION.matcher(form).replaceAll("");
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) if (text.charAt(i) >= 0x80) return false;
        return true;
    }

    /** The same in one pass, for what most texts are made of. */
    private static String ofAscii(String text) {
        StringBuilder form = new StringBuilder(text.length());
        boolean spaceIsDue = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x1f) {
                spaceIsDue = !form.isEmpty();
                continue;
            }
            if (spaceIsDue && !isPunctuation(c) && !isPunctuation(form.charAt(form.length() - 1))) form.append(' ');
            spaceIsDue = false;
            form.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
        }
        return form.toString();
    }

    /** Unicode's category P: the dollar, plus, caret and other symbols are none. */
    private static boolean isPunctuation(char ascii) {
        return ascii < 0x80 && "!\"#%&'()*,-./:;?@[\\]_{}".indexOf(ascii) >= 0;
    }
}
