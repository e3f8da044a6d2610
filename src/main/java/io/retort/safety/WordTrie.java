package io.retort.safety;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The words of a lexicon by their letters, each with the numbers of what it stands for. Reading a word takes one step a
 * letter, whatever the lexicon. Filled by one thread, then read by any.
 */
final class WordTrie {
    private static final int LETTERS = 36, NONE = -1;
    private static final int[] NO_NUMBERS = {};

    private int[] next = new int[LETTERS * 64];
    private int nodes = 1;
    private final List<int[]> whole = new ArrayList<>(List.of(NO_NUMBERS)),
            starts = new ArrayList<>(List.of(NO_NUMBERS));

    WordTrie() {
        Arrays.fill(next, NONE);
    }

    /** Whether a character can stand in a word of a lexicon: a to z, 0 to 9. */
    static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }

    private static int index(char c) {
        if (c >= 'a' && c <= 'z') return c - 'a';
        return c >= '0' && c <= '9' ? 26 + c - '0' : NONE;
    }

    /**
     * Adds a number to a word.
     *
     * @param isStart whether it is that of all words which begin so
     */
    void add(String word, boolean isStart, int number) {
        int node = 0;
        for (int i = 0; i < word.length(); i++) {
            int at = node * LETTERS + index(word.charAt(i));
            int its = next[at] == NONE ? newNode() : next[at];
            next[at] = its; // in this order: a new node may make the array anew
            node = its;
        }
        List<int[]> numbers = isStart ? starts : whole;
        int[] there = numbers.get(node);
        int[] more = Arrays.copyOf(there, there.length + 1);
        more[there.length] = number;
        numbers.set(node, more);
    }

    private int newNode() {
        if ((nodes + 1) * LETTERS > next.length) {
            int there = next.length;
            next = Arrays.copyOf(next, there * 2);
            Arrays.fill(next, there, next.length, NONE);
        }
        whole.add(NO_NUMBERS);
        starts.add(NO_NUMBERS);
        return nodes++;
    }

    /** Is told the numbers of a word. */
    interface Numbers {
        void take(int[] numbers);
    }

    /** Tells the numbers of a word, and of all starts of words that it begins with. */
    void read(CharSequence word, Numbers numbers) {
        int node = 0;
        for (int i = 0; i < word.length(); i++) {
            int letter = index(word.charAt(i));
            node = letter == NONE ? NONE : next[node * LETTERS + letter];
            if (node == NONE) return;
            if (starts.get(node).length > 0) numbers.take(starts.get(node));
        }
        if (whole.get(node).length > 0) numbers.take(whole.get(node));
    }

    /** Whether a word, or a start of it, has numbers. */
    boolean has(CharSequence word) {
        int node = 0;
        for (int i = 0; i < word.length(); i++) {
            int letter = index(word.charAt(i));
            node = letter == NONE ? NONE : next[node * LETTERS + letter];
            if (node == NONE) return false;
            if (starts.get(node).length > 0) return true;
        }
        return whole.get(node).length > 0;
    }

    /** The length of the longest word, of all that have numbers, which stands in a text from a place on; 0 if none does. */
    int longest(CharSequence text, int from) {
        int node = 0, longest = 0;
        for (int i = from; i < text.length(); i++) {
            int letter = index(text.charAt(i));
            node = letter == NONE ? NONE : next[node * LETTERS + letter];
            if (node == NONE) break;
            if (whole.get(node).length > 0 || starts.get(node).length > 0) longest = i + 1 - from;
        }
        return longest;
    }
}
