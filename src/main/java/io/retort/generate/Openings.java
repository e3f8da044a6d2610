package io.retort.generate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.retort.dialogue.Context;

/**
 * What a generator writes before a reply because its texts looked so, and no person types in a chat: time stamps, a year
 * as a heading, the number or mark of a list's item, a speaker's label. It is cut off, and the rest is the reply; a
 * number that was asked for stays.
 */
final class Openings {
    private static final String TIME = "(?:[01]?\\d|2[0-3])[:.][0-5]\\d(?::[0-5]\\d)?(?:\\x20?[ap]\\.?m\\b\\.?)?";
    private static final String YEAR = "(?:1[5-9]|20)\\d\\d";
    private static final String MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\\.?";
    private static final String DATE = "(?:" + YEAR + "-\\d\\d-\\d\\d|\\d{1,2}[/.]\\d{1,2}[/.]\\d{2,4}"
            + "|(?:mon|tues|wednes|thurs|fri|satur|sun)day,?|" + MONTH + "\\x20\\d{1,2}(?:st|nd|rd|th)?(?:,?\\x20"
            + YEAR
            + ")?|\\d{1,2}\\x20" + MONTH + "\\x20" + YEAR + ")";
    private static final String STAMP = "(?:" + DATE + "(?:,?\\x20(?:at\\x20)?|T)" + TIME + "|" + DATE + "|" + TIME
            + ")";
    private static final String DASH = "[-\u2013\u2014|]";

    private static final Pattern TIMES = Pattern.compile("""
            [\\[(<]\\s*(?:%1$s|%2$s)\\s*[\\])>]\\s*(?:[:|]|%3$s)?\\s*
            |%1$s\\s*(?::|\\x20%3$s)\\s+
            |%2$s\\s*(?::(?!\\x20A\\x20Space\\x20Odyssey)|\\.|\\x20%3$s)\\s+(?=\\p{L})
            """.formatted(STAMP, YEAR, DASH), Pattern.COMMENTS | Pattern.CASE_INSENSITIVE);

    private static final Pattern ITEM = Pattern.compile("""
            [\\[(]?\\d{1,3}[.)\\]]{1,2}\\s+(?=\\S)|\\d{1,3}:\\s+(?=\\p{L})|[\\[(]?[a-h]\\)\\s+|[-\u2013\u2014\u2022\u00b7\u25aa\u25cf*+]\\s+(?=[\\p{L}\\p{N}"'\u201c])
            |\\#\\d{1,3}\\s*[:.)]\\s+
            |(?:step|rule|option|choice|question|answer|example|exercise|part|reply|response|no\\.|number|tip)
              \\x20\\#?\\d{1,3}\\s*[:.)]\\s+
            """, Pattern.COMMENTS | Pattern.CASE_INSENSITIVE);

    /** What asks for a time, a year or a number, which is then no heading. */
    private static final Pattern ASKS_FOR_A_NUMBER = Pattern.compile("""
            \\b(?:when|what\\x20(?:time|year|date|day|number|age|size|score|hour)|(?:which|whose)\\x20(?:year|number|one|day|date)
            |how\\x20(?:many|much|old|long|far|tall|often|late|early|soon|big|high))\\b""",
            Pattern.COMMENTS | Pattern.CASE_INSENSITIVE);

    /** The second item, which makes a list of what stands on one line. */
    private static final Pattern SECOND_ITEM = Pattern.compile("(?:^|\\s)[\\[(#]?2\\s?[.):\\]]\\s");

    private Openings() {}

    /** The text without what stands before the reply; nothing but such an opening is left as it is. */
    static String without(String text, Context context) {
        boolean numberAsked = ASKS_FOR_A_NUMBER.matcher(context.newest()).find();
        String rest = text.strip();
        String before;
        do {
            before = rest;
            rest = SpeakerLabels.without(rest);
            if (numberAsked) continue;
            rest = cut(TIMES, rest);
            if (!SECOND_ITEM.matcher(rest).find()) rest = cut(ITEM, rest);
        } while (!rest.equals(before));
        return rest;
    }

    private static String cut(Pattern opening, String text) {
        Matcher found = opening.matcher(text);
        return found.lookingAt() && found.end() < text.length() ? text.substring(found.end()).strip() : text;
    }
}
