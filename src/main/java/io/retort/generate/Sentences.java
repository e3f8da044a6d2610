package io.retort.generate;

import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds where sentences end: at {@code . ! ? …} before white space or the end, but not after a title or an initial. */
final class Sentences {
    private static final Pattern END = Pattern.compile(
            "(?<!\\b(?:Mr|Mrs|Ms|Dr|St|Prof|vs|e\\.g|i\\.e|[A-HJ-Z]))[.!?\u2026]+[\"'\u201d\u2019)]*(?=\\s|$)");

    private Sentences() {}

    /** The sentences of a text; what follows the last end is one too. */
    static List<String> of(String text) {
        List<String> sentences = new ArrayList<>();
        Matcher end = END.matcher(text);
        int from = 0;
        while (end.find()) {
            sentences.add(text.substring(from, end.end()).strip());
            from = end.end();
        }
        if (!WhiteSpace.isBlank(text.substring(from))) sentences.add(text.substring(from).strip());
        return sentences;
    }

    /** The text up to its last sentence end; empty if none ends. */
    static String whole(String text) {
        Matcher end = END.matcher(text);
        int last = 0;
        while (end.find()) last = end.end();
        return text.substring(0, last);
    }

    /** The sentences from the first that have at most so many words together; empty if the first has more. */
    static String leading(String text, int words) {
        var kept = new StringBuilder();
        int left = words;
        for (String sentence : of(text)) {
            left -= words(sentence);
            if (left < 0) break;
            if (!kept.isEmpty()) kept.append(' ');
            kept.append(sentence);
        }
        return kept.toString();
    }

    /** Number of words of a text: its runs between white space. */
    static int words(String text) {
        return WhiteSpace.words(text);
    }
}
