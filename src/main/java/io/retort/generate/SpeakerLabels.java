package io.retort.generate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of speakers before what they say, of any kind that plays, chats and interviews have: {@code Old Man:},
 * {@code BOB:}, {@code Bob (smiling):}, {@code Q:}, {@code me:}. A word that people begin a remark with is none, such
 * as {@code Fun fact:}.
 */
final class SpeakerLabels {
    /** The last word before a colon that makes a remark's beginning of what looks like a name. */
    private static final String REMARKS = """
            (?i:questions?|answers?|update|edit|note|warning|facts?|tips?|trick|spoiler|hint|rules?|steps?|options?|plan|yes|no|okay|ok|so
            |well|also|examples?|problem|solution|result|conclusion|today|tomorrow|yesterday|remember|wow|oh|look|listen
            |seriously|honestly|guess|advice|lesson|moral|bonus|reason|breakfast|lunch|dinner|ps|tldr|fyi|btw|imo|imho|omg
            |lol|disclaimer|reminder|idea|suggestion|point|thing|things|this|that|is|are|was|list|order|time|date
            |price|cost|total|score|result|rating|ingredients|recipe|address|hours|phone|e-?mail|title|name|color|colour
            |size|pros?|cons?|quote|scene|narrator|setting|correction|first|second|third|last|finally|news|story|joke|truth|deal|bottom|line|end|day|year
            |monday|tuesday|wednesday|thursday|friday|saturday|sunday|like|favou?rites?|part|episode|season|chapter
            |wars|trek|movie|film|book|game|song|show|say|says|said)""";

    private static final String LABEL = """
            (?!(?:\\S+\\x20){0,2}%s(?:\\x20\\S{1,3})?\\s?:)
            (?:(?:(?:Mr|Mrs|Ms|Dr|St)\\.?\\x20)?(?:\\p{Lu}[\\p{L}'\u2019-]{1,14}|\\p{Lu}{2,14})
                 (?:\\x20(?:of\\x20|the\\x20)*\\p{Lu}[\\p{L}'\u2019.-]{0,14}){0,2}(?:\\x20?\\#?\\d{1,2})?
               |\\p{Lu}|(?:me|you|him|her|them|bot|npc|player|stranger|friend|guest|host|customer|agent|support))
            (?:\\x20?[(\\[][^)\\]\\n]{1,40}[)\\]])?\\s?:(?=\\s+\\S|$)""".formatted(REMARKS);

    private static final Pattern HEAD = Pattern.compile(LABEL, Pattern.COMMENTS);
    /** A label that begins a line, or follows the end of a sentence within one. */
    private static final Pattern LATER = Pattern.compile(
            "(?:\\n\\s*|(?<=[\\p{Ll}\\p{N})]{2}[.!?\u2026][\"\u201d)]{0,1})\\x20+)" + LABEL, Pattern.COMMENTS);

    private SpeakerLabels() {}

    /** The text without the labels at its head. */
    static String without(String text) {
        String rest = text;
        Matcher label = HEAD.matcher(rest);
        while (label.lookingAt()) {
            rest = rest.substring(label.end()).strip();
            label.reset(rest);
        }
        return rest;
    }

    /** The text up to where another speaker's label stands. */
    static String firstTurn(String text) {
        Matcher label = LATER.matcher(text);
        return label.find() ? text.substring(0, label.start()).strip() : text;
    }
}
