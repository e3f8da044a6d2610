package io.retort.lm;

import java.util.Objects;

/**
 * A sequence that a language model is trained on.
 *
 * @param tokens  two or more
 * @param targets for each token whether the model is to learn to say it; the first has nothing before it that it could
 *                be said after, and is never one
 */
public record TrainingText(int[] tokens, boolean[] targets) {
    public TrainingText {
        Objects.requireNonNull(tokens);
        if (tokens.length < 2 || targets.length != tokens.length || targets[0]) {
            throw new IllegalArgumentException(tokens.length + " tokens, " + targets.length + " targets");
        }
    }

    /** Makes a text in which every token but the first is a target. */
    public static TrainingText of(int... tokens) {
        boolean[] targets = new boolean[tokens.length];
        for (int t = 1; t < targets.length; t++) targets[t] = true;
        return new TrainingText(tokens, targets);
    }

    /** Returns how many tokens are targets. */
    public int count() {
        int count = 0;
        for (boolean target : targets) if (target) count++;
        return count;
    }
}
