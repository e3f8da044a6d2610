package io.retort.generate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Signs that another turn begins: a speaker's label with a colon ({@code A:}, {@code User:}, {@code Person 1:}) or a
 * piece of a chat template ({@code <|…|>}, {@code [INST]}, {@code ###}).
 */
final class RoleMarkers {
    private static final Pattern MARKER = Pattern.compile("""
            (?<![\\p{L}\\p{N}'])
            (?:(?:[AB]|User|Assistant|Human|System|AI|Bot|Chatbot|Friend|Stranger|Customer|Agent|Instruction|Response
                 |Reply|Context|(?:Person|Speaker|Friend|User|Player)\\x20?(?:[ABXY]|[0-9]))\\x20?:
              |(?i:user|assistant|human)\\x20?:)
            |<\\|[^<>|]{0,40}\\|?>|</?s>|\\[/?INST\\]|<</?SYS>>|\\#\\#\\#|</?(?:user|assistant|system)>""",
            Pattern.COMMENTS);

    private RoleMarkers() {}

    /** Whether a text holds one. */
    static boolean within(String text) {
        return MARKER.matcher(text).find();
    }

    /** The text without markers at its head (the generator's echo of its own label), up to the next one. */
    static String firstTurn(String text) {
        String rest = text.strip();
        Matcher marker = MARKER.matcher(rest);
        while (marker.lookingAt()) {
            rest = rest.substring(marker.end()).strip();
            marker.reset(rest);
        }
        return marker.find() ? rest.substring(0, marker.start()).strip() : rest;
    }
}
