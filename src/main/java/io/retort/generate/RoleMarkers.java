package io.retort.generate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Signs that another turn begins: a speaker's label with a colon ({@code A:}, {@code User:}, {@code Person 1:}) or a
 * piece of a chat template ({@code <|…|>}, {@code [INST]}, {@code ###}).
 */
final class RoleMarkers {
    private static final Pattern MARKER = Pattern.compile("""
            (?<![\\p{L}\\p{N}'])(?<!\\b(?i:plan|option|vitamin|type|group|class|team|part|exhibit|point|hepatitis)\\x20)
            (?:(?:[AB]|User|Assistant|Human|System|AI|Bot|Chatbot|Friend|Stranger|Customer|Agent|Instruction|Response
                 |Reply|Context|(?:Person|Speaker|Friend|User|Player)\\x20?(?:[ABXY]|[0-9]))\\x20?:
              |(?i:user|assistant|human)\\x20?:)
            |<\\|[^<>|]{0,40}\\|?>|</?s>|\\[/?INST\\]|<</?SYS>>|\\#\\#\\#|</?(?:user|assistant|system)>""",
            Pattern.COMMENTS);

    /**
     * Matches a name at the head: one word with a capital, or a title or initial and such a word, that is no word which
     * people begin a remark with ({@code Question:}, {@code Update:}).
     */
    private static final Pattern NAME = Pattern.compile("""
            (?!(?:Question|Answer|Update|Edit|Note|Warning|Fact|Tip|Spoiler|Hint|Rule|Step|Option|Plan|Yes|No|Okay|Ok|So
              |Well|Also|Example|Problem|Solution|Result|Conclusion|Today|Tomorrow|Yesterday|Remember|Wow|Oh
              |Look|Listen|Seriously|Honestly|Guess|Advice|Lesson|Moral|Bonus|Reason|Breakfast|Lunch|Dinner|PS|TLDR
              |Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\\b)
            (?:(?:Mr|Mrs|Ms|Dr)\\.?\\x20)?\\p{Lu}\\p{Ll}{1,14}\\x20?:(?=\\s|$)""", Pattern.COMMENTS);

    private RoleMarkers() {}

    /** Whether a text holds a marker of a speaker's role. */
    static boolean within(String text) {
        return MARKER.matcher(text).find();
    }

    /** The text without markers at its head (the generator's echo of its own label), up to the next one. */
    static String firstTurn(String text) {
        String rest = text.strip();
        Matcher marker = MARKER.matcher(rest);
        Matcher name = NAME.matcher(rest);
        while (marker.lookingAt() || name.lookingAt()) {
            rest = rest.substring(marker.lookingAt() ? marker.end() : name.end()).strip();
            marker.reset(rest);
            name.reset(rest);
        }
        return marker.find() ? rest.substring(0, marker.start()).strip() : rest;
    }
}
