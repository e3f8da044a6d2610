package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.search.ResponseIndex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How much words tell, by how few replies and last turns of an index have them. Immutable; any thread. */
final class WordWeights {
    /** The most rows that are read for it, evenly spread: enough to tell frequent words, few enough to be read at once. */
    private static final int SAMPLE = 1024;

    private final Map<String, Integer> counts = new HashMap<>();
    private final double texts;

    private WordWeights(Iterable<Set<String>> read) {
        int number = 0;
        for (Set<String> words : read) {
            number++;
            for (String word : words) counts.merge(word, 1, Integer::sum);
        }
        this.texts = number;
    }

    /** The weights of the words of an index. */
    static WordWeights of(ResponseIndex index) {
        List<Set<String>> read = new ArrayList<>();
        int step = Math.max(1, index.count() / SAMPLE);
        for (int row = 0; row < index.count(); row += step) {
            read.add(new HashSet<>(List.of(words(index.reply(row)))));
            for (Context context : index.contexts(row)) {
                read.add(new HashSet<>(List.of(words(context.newest()))));
            }
        }
        return new WordWeights(read);
    }

    /** The words of a text as {@link Echoes} compares them; plain English without its costs, since the first answer waits for this. */
    static String[] words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            if (c >= 0x80) return Echoes.words(text).split(" ");
            if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
                word.append(c);
            } else if (c >= 'A' && c <= 'Z') {
                word.append((char) (c + ('a' - 'A')));
            } else if (c != '\'' && !word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        return words.toArray(String[]::new);
    }

    /** The weight of a word: the rarer, the greater. */
    float of(String word) {
        return (float) Math.log((texts + 1) / (counts.getOrDefault(word, 0) + 1));
    }

    /** The words of some texts with their weights. */
    WeightedWords read(List<String> texts) {
        return WeightedWords.of(words(String.join(" ", texts)), this);
    }
}
