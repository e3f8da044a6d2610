package io.retort.reply;

import java.util.Arrays;

/** Different words of a text, each with its weight. Immutable; any thread. */
final class WeightedWords {
    /** Hashes, ascending; that two words share one is so rare that it does no harm. */
    private final int[] words;
    private final float[] weights;
    private final double mass;

    private WeightedWords(int[] words, float[] weights) {
        this.words = words;
        this.weights = weights;
        double sum = 0;
        for (float weight : weights) sum += weight;
        this.mass = sum;
    }

    /** The different words among these. */
    static WeightedWords of(String[] words, WordWeights weights) {
        String[] sorted = words.clone();
        Arrays.sort(sorted, (a, b) -> Integer.compare(a.hashCode(), b.hashCode()));
        int[] hashes = new int[sorted.length];
        float[] its = new float[sorted.length];
        int count = 0;
        for (String word : sorted) {
            if (word.isEmpty() || count > 0 && hashes[count - 1] == word.hashCode()) continue;
            hashes[count] = word.hashCode();
            its[count++] = weights.of(word);
        }
        return new WeightedWords(Arrays.copyOf(hashes, count), Arrays.copyOf(its, count));
    }

    /** The weights of all words together. */
    double mass() {
        return mass;
    }

    /** Those of these words that are among others, too. */
    WeightedWords in(WeightedWords others) {
        int[] common = new int[words.length];
        float[] its = new float[words.length];
        int count = 0;
        for (int i = 0, j = 0; i < words.length && j < others.words.length;) {
            if (words[i] < others.words[j]) {
                i++;
            } else if (words[i] > others.words[j]) {
                j++;
            } else {
                common[count] = words[i];
                its[count++] = weights[i];
                i++;
                j++;
            }
        }
        return new WeightedWords(Arrays.copyOf(common, count), Arrays.copyOf(its, count));
    }

    /** The weight of the words that are among others, too. */
    double massIn(WeightedWords others) {
        double sum = 0;
        for (int i = 0, j = 0; i < words.length && j < others.words.length;) {
            if (words[i] < others.words[j]) i++;
            else if (words[i] > others.words[j++]) continue;
            else sum += weights[i++];
        }
        return sum;
    }

    /** How alike two texts are: 1 with the same words, 0 with none in common. */
    double likeness(WeightedWords other) {
        double both = mass + other.mass;
        return both == 0 ? 0 : 2 * massIn(other) / both;
    }
}
