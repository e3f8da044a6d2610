package io.retort.generate;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.retort.dialogue.NormalForm;

/**
 * Detects text that runs in circles: a sentence of three words or more twice, three words three times, a word five
 * times in a row.
 */
final class Repetition {
    private static final int SENTENCE_WORDS = 3;
    private static final int PHRASE_WORDS = 3;
    private static final int PHRASES = 3;
    private static final int WORDS_IN_A_ROW = 5;
    private static final int ECHOED_WORDS = 5;

    private Repetition() {}

    static boolean within(String text) {
        List<String> words = words(text);
        return sentenceTwice(text) || phrase(words) || row(words);
    }

    /** Whether half of a reply or more, and five words at least, is a row of words of a turn. */
    static boolean echoes(String reply, String turn) {
        List<String> words = words(reply);
        List<String> said = words(turn);
        int size = Math.max(ECHOED_WORDS, (words.size() + 1) / 2);
        for (int i = 0; i + size <= words.size(); i++) {
            if (Collections.indexOfSubList(said, words.subList(i, i + size)) >= 0) return true;
        }
        return false;
    }

    private static List<String> words(String text) {
        return Arrays.asList(NormalForm.of(text.replaceAll("\\p{P}", " ")).split(" "));
    }

    private static boolean sentenceTwice(String text) {
        Set<String> seen = new HashSet<>();
        return Sentences.of(text).stream().filter(sentence -> Sentences.words(sentence) >= SENTENCE_WORDS)
                .map(sentence -> NormalForm.of(sentence.replaceAll("\\p{P}", " "))).anyMatch(form -> !seen.add(form));
    }

    private static boolean phrase(List<String> words) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + PHRASE_WORDS <= words.size(); i++) {
            if (counts.merge(words.subList(i, i + PHRASE_WORDS), 1, Integer::sum) == PHRASES) return true;
        }
        return false;
    }

    private static boolean row(List<String> words) {
        int row = 1;
        for (int i = 1; i < words.size(); i++) {
            row = words.get(i).equals(words.get(i - 1)) ? row + 1 : 1;
            if (row == WORDS_IN_A_ROW) return true;
        }
        return false;
    }
}
