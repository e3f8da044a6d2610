package io.retort.text;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Words as people count them, for Dist-n and lengths (section 4 of the paper: casual tokenisation). A token is, tried
 * in this order: an emoji with its modifiers; a number with inner points, commas or colons ({@code 3.5},
 * {@code 10:30}); an ideograph; a word with inner apostrophes or hyphens ({@code don't}, {@code well-known}); a run of
 * punctuation or symbols ({@code ...}, {@code :)}). Everything is lower-cased, {@code ’} becomes {@code '}.
 */
public final class CasualTokenizer {
    // Possessive quantifiers: no backtracking, so no text is slow and none deepens the stack.
    private static final Pattern TOKEN = Pattern.compile("""
            (?:[\\x{1F1E6}-\\x{1F1FF}]{2}
             |[\\p{IsExtended_Pictographic}&&[^\\p{ASCII}©®™]]
              (?:\\x{FE0F}|\\p{IsEmoji_Modifier}|\\x{200D}\\p{IsExtended_Pictographic})*+)
            |\\p{N}++(?:[.,:]\\p{N}++)*+
            |\\p{IsIdeographic}
            |[\\p{L}\\p{M}&&[^\\p{IsIdeographic}]][\\p{L}\\p{M}\\p{N}&&[^\\p{IsIdeographic}]]*+
              (?:['-][\\p{L}\\p{M}\\p{N}&&[^\\p{IsIdeographic}]]++)*+
            |[\\p{P}\\p{S}&&[^\\p{IsExtended_Pictographic}\\x{1F1E6}-\\x{1F1FF}]]++
            |[^\\s\\p{Z}\\p{C}\\x{FE0F}]""", Pattern.COMMENTS);

    private CasualTokenizer() {}

    /** The tokens of a text in order, in lower case; a text of white space has none. */
    public static List<String> tokens(String text) {
        return TOKEN.matcher(text.toLowerCase(Locale.ROOT).replace('\u2019', '\'')).results().map(MatchResult::group)
                .toList();
    }
}
