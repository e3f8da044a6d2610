package io.retort.curate;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** A sign that something went wrong with a text before it came here, or that nobody said it. */
public enum Suspicion {
    /** More words than people say at a stretch, or characters without a space. */
    VERY_LONG("very long"),
    /** Control characters, or the mark that stands for what could not be decoded. */
    CONTROL_CHARACTERS("control characters"),
    /** Letters that come of UTF-8 read as another encoding, such as {@code Ã©} for é. */
    WRONG_ENCODING("wrong encoding"),
    /** Tags and entities of HTML. */
    HTML("HTML"),
    /** Several words, all in capitals. */
    CAPITALS("all capitals"),
    /** A long run without spaces that is no word of any language, such as Base64 or a hash. */
    ENCODED("encoded data"),
    /** A speaker's name and a colon, as if several turns had been run together. */
    SPEAKER_LABEL("speaker's label");

    /** The most characters of a turn that passes for one. */
    public static final int LONG = 4000;
    private static final int LONG_WORD = 60;
    private static final Pattern TAG = Pattern
            .compile("</?(?:br|p|div|span|a|b|i|u|em|strong|img|ul|ol|li|table|tr|td|h[1-6]|"
                    + "font|blockquote|code|pre|hr|script|style|html|body)(?:\\s[^<>]{0,500})?/?>|"
                    + "&(?:amp|lt|gt|quot|nbsp|apos|#\\d{1,6}|#x[0-9a-f]{1,6});", Pattern.CASE_INSENSITIVE);
    /** A lead byte of UTF-8 and one that follows, both shown as Windows-1252 shows them. */
    private static final Pattern MOJIBAKE = Pattern
            .compile("[ÂÃÄÅ][\\u0080-\\u00bf\\u0152\\u0153\\u0160\\u0161\\u017d\\u017e\\u0178\\u0192"
                    + "\\u02c6\\u02dc\\u2013\\u2014\\u2018-\\u201e\\u2020-\\u2022\\u2026\\u2030\\u2039\\u203a\\u20ac\\u2122]"
                    + "|â(?:\\u20ac|\\u0080)[\\u0080-\\u00bf\\u02dc\\u2013\\u2014\\u2018-\\u201e\\u2122\\u0153\\u2020-\\u2022\\u00a6]|ðŸ|ï»¿");
    /** What each of these begins with. */
    private static final String MOJIBAKE_STARTS = "ÂÃÄÅâðï";
    private static final Pattern ENCODED_RUN = Pattern
            .compile(
                    "(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/_-]*\\d)(?:[A-Za-z0-9+/_-]{40,}={0,2}|[0-9a-fA-F]{32,})(?![A-Za-z0-9+/=])");
    private static final List<String> ROLES = List.of("user", "assistant", "bot", "agent", "customer", "human", "ai",
            "system", "speaker", "operator", "support", "person");
    /** How far into a line a label is looked for. */
    private static final int LONGEST_LABEL = 40;

    private final String words;

    Suspicion(String words) {
        this.words = words;
    }

    /** What the sign is called in reports. */
    public String words() {
        return words;
    }

    /** The signs that a text by itself shows. */
    public static Set<Suspicion> of(String text) {
        return of(text, Set.of());
    }

    /** As {@link #of(String, Collection)}, of a text that was looked at before. */
    static Set<Suspicion> of(String text, Collection<String> speakers, TurnLook look) {
        return look.mayBeSuspicious() ? of(text, speakers) : Set.of();
    }

    /**
     * The signs that a turn shows.
     *
     * @param speakers of the dialogue, whose names before a colon are labels
     */
    public static Set<Suspicion> of(String text, Collection<String> speakers) {
        Set<Suspicion> found = EnumSet.noneOf(Suspicion.class);
        int upper = 0, lower = 0, run = 0, longest = 0, spaces = 0;
        boolean hasMarkup = false, mayBeWrong = false, hasColon = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ') {
                longest = Math.max(longest, run);
                run = 0;
                spaces++;
                if (c < ' ' && c != '\n' && c != '\t' && c != '\r') found.add(CONTROL_CHARACTERS);
                continue;
            }
            run = c < 0x2e80 ? run + 1 : 0; // scripts of the East write without spaces
            if (c >= 'a' && c <= 'z') lower++;
            else if (c >= 'A' && c <= 'Z') upper++;
            else if (c == '<' || c == '&') hasMarkup = true;
            else if (c == ':') hasColon = true;
            else if (c >= 0x7f) {
                mayBeWrong |= MOJIBAKE_STARTS.indexOf(c) >= 0;
                if (c <= 0x9f && c != 0x85 || c == '\ufffd' || c == '\u2028' || c == '\u2029')
                    found.add(CONTROL_CHARACTERS);
                else
                    if (Character.isUpperCase(c)) upper++;
                else if (Character.isLowerCase(c)) lower++;
            }
        }
        longest = Math.max(longest, run);
        if (text.length() > LONG || longest > 1000) found.add(VERY_LONG);
        if (hasMarkup && TAG.matcher(text).find()) found.add(HTML);
        if (mayBeWrong && MOJIBAKE.matcher(text).find()) found.add(WRONG_ENCODING);
        if (longest >= 32 && ENCODED_RUN.matcher(withoutPages(text, longest)).find()) found.add(ENCODED);
        if (upper >= 12 && spaces >= 2 && upper > 8 * lower) found.add(CAPITALS);
        if (hasColon && hasLabel(text, speakers)) found.add(SPEAKER_LABEL);
        return found;
    }

    /** A page's address is long and has no spaces, too, but is what somebody said. */
    private static String withoutPages(String text, int longest) {
        if (longest < LONG_WORD && !text.contains("://")) return text;
        return PersonalData.mask(text, Addresses.pages(text));
    }

    private static boolean hasLabel(String text, Collection<String> speakers) {
        for (int start = 0; start >= 0 && start < text.length();) {
            int colon = text.indexOf(':', start), end = text.indexOf('\n', start);
            boolean isHere = colon > start && colon - start <= LONGEST_LABEL && (end < 0 || colon < end);
            if (isHere && isLabel(text.substring(start, colon).strip(), text, colon, speakers)) return true;
            start = end < 0 ? -1 : end + 1;
        }
        return false;
    }

    private static boolean isLabel(String name, String text, int colon, Collection<String> speakers) {
        if (colon + 1 < text.length() && text.charAt(colon + 1) == '/') return false;
        // A speaker called A or 1 is a letter of the file's maker, which texts have for other reasons.
        if (name.length() > 1 && speakers.contains(name)) return true;
        String role = name.toLowerCase(Locale.ROOT).replaceAll("[ _#]*\\d+$", "");
        return ROLES.contains(role) && (Character.isUpperCase(name.charAt(0)) || speakers.contains(name));
    }
}
