package io.retort.safety;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A pattern of words, such as {@code (kill|hurt) (a|the)? bot*}: words, beginnings of words, alternatives in brackets,
 * what may be missing, {@code (...)*} for what comes up to three times or not at all, {@code ...} for up to three words of
 * any kind, and {@code @name} for a part that has a name.
 */
sealed interface WordPattern {
    /** One word of several; those that end in {@code *} are beginnings. */
    record Words(Set<String> words) implements WordPattern {
    }

    /** Fits any one word, whatever it is. */
    record AnyWord() implements WordPattern {
    }

    /** Parts one after the other. */
    record Sequence(List<WordPattern> parts) implements WordPattern {
    }

    /** One of several parts. */
    record Choice(List<WordPattern> parts) implements WordPattern {
    }

    /** A part or nothing. */
    record Maybe(WordPattern part) implements WordPattern {
    }

    /**
     * Reads a pattern.
     *
     * @param named parts that have names
     * @throws IllegalArgumentException saying what is wrong with it
     */
    static WordPattern of(String text, Map<String, WordPattern> named) {
        Parser parser = new Parser(text, named);
        WordPattern pattern = parser.choice(0);
        if (parser.at < text.length()) throw new IllegalArgumentException("a bracket is closed that was not opened");
        return pattern;
    }

    /** Reads patterns from left to right. */
    final class Parser {
        private static final int DEEPEST = 8, MOST_TIMES = 3;
        private final String text;
        private final Map<String, WordPattern> named;
        private int at;

        private Parser(String text, Map<String, WordPattern> named) {
            this.text = text;
            this.named = named;
        }

        private WordPattern choice(int depth) {
            if (depth > DEEPEST) throw new IllegalArgumentException("brackets are nested too deep");
            List<WordPattern> parts = new ArrayList<>(List.of(sequence(depth)));
            while (at < text.length() && text.charAt(at) == '|') {
                at++;
                parts.add(sequence(depth));
            }
            return oneOf(parts);
        }

        /** A choice whose single words are one part, and whose other parts share the word that they begin with. */
        private static WordPattern oneOf(List<WordPattern> parts) {
            Set<String> words = new TreeSet<>();
            List<WordPattern> all = new ArrayList<>();
            Map<WordPattern, List<WordPattern>> byFirst = new LinkedHashMap<>();
            for (WordPattern part : parts) {
                switch (part) {
                    case Words(Set<String> its) -> words.addAll(its);
                    case Choice(List<WordPattern> its) -> all.addAll(its);
                    case Sequence(List<WordPattern> its) when its.getFirst() instanceof Words ->
                        byFirst.computeIfAbsent(its.getFirst(), _ -> new ArrayList<>())
                                .add(sequenceOf(its.subList(1, its.size())));
                    default -> all.add(part);
                }
            }
            if (!words.isEmpty()) all.add(new Words(words));
            byFirst.forEach((first, rests) -> all.add(new Sequence(List.of(first, oneOf(rests)))));
            return all.size() == 1 ? all.getFirst() : new Choice(all);
        }

        private static WordPattern sequenceOf(List<WordPattern> parts) {
            return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
        }

        private WordPattern sequence(int depth) {
            List<WordPattern> parts = new ArrayList<>();
            while (true) {
                while (at < text.length() && text.charAt(at) == ' ') at++;
                if (at == text.length() || text.charAt(at) == '|' || text.charAt(at) == ')') break;
                WordPattern part = part(depth);
                char sign = at < text.length() ? text.charAt(at) : ' ';
                if (sign == '?' || sign == '*') at++;
                parts.add(sign == '?' ? new Maybe(part) : sign == '*' ? upToThree(part) : part);
            }
            if (parts.isEmpty()) throw new IllegalArgumentException("it holds no word where one should stand");
            return sequenceOf(parts);
        }

        private WordPattern part(int depth) {
            char c = text.charAt(at);
            if (c == '(') {
                at++;
                WordPattern inner = choice(depth + 1);
                if (at == text.length()) throw new IllegalArgumentException("a bracket is not closed");
                at++;
                return inner;
            }
            if (text.startsWith("...", at)) {
                at += 3;
                return upToThree(new AnyWord());
            }
            if (c == '@') {
                at++;
                String name = letters();
                WordPattern part = named.get(name);
                if (part == null) throw new IllegalArgumentException("nothing is named @" + name);
                return part;
            }
            String word = letters();
            if (word.isEmpty()) {
                throw new IllegalArgumentException(
                        "\"" + c + "\" is no letter: words are written in a to z and 0 to 9, "
                                + "without apostrophes");
            }
            boolean isStart = at < text.length() && text.charAt(at) == '*';
            if (isStart) at++;
            return new Words(Set.of(isStart ? word + "*" : word));
        }

        private static WordPattern upToThree(WordPattern part) {
            WordPattern times = new Maybe(part);
            for (int i = 1; i < MOST_TIMES; i++) times = new Maybe(new Sequence(List.of(part, times)));
            return times;
        }

        private String letters() {
            int start = at;
            while (at < text.length() && WordTrie.isLetter(text.charAt(at))) at++;
            return text.substring(start, at);
        }
    }
}
