package io.retort.lm;

import java.util.Objects;

/**
 * A sequence that a language model is trained on.
 *
 * @param source  what an encoder–decoder reads before it; empty for a decoder
 * @param tokens  two or more; the first of an encoder–decoder is the one that it starts with
 * @param targets for each token whether the model is to learn to say it; the first has nothing before it that it could
 *                be said after, and is never one
 */
public record TrainingText(int[] source, int[] tokens, boolean[] targets) {
    public TrainingText {
        Objects.requireNonNull(source);
        Objects.requireNonNull(tokens);
        if (tokens.length < 2 || targets.length != tokens.length || targets[0]) {
            throw new IllegalArgumentException(tokens.length + " tokens, " + targets.length + " targets");
        }
    }

    /** Makes a text for a decoder. */
    public TrainingText(int[] tokens, boolean[] targets) {
        this(new int[0], tokens, targets);
    }

    /**
     * Makes a text for an encoder–decoder.
     *
     * @param start the token that its decoder starts with
     * @param reply all of which is learned
     */
    public static TrainingText ofReply(int[] source, int start, int[] reply) {
        int[] tokens = new int[reply.length + 1];
        tokens[0] = start;
        System.arraycopy(reply, 0, tokens, 1, reply.length);
        return new TrainingText(source, tokens, of(tokens).targets);
    }

    /** Makes a text in which every token but the first is a target. */
    public static TrainingText of(int... tokens) {
        boolean[] targets = new boolean[tokens.length];
        for (int t = 1; t < targets.length; t++) targets[t] = true;
        return new TrainingText(tokens, targets);
    }

    /** Returns how many tokens are computed when the model learns from this text. */
    public int size() {
        return source.length + tokens.length;
    }

    /** Returns how many tokens are targets. */
    public int count() {
        int count = 0;
        for (boolean target : targets) if (target) count++;
        return count;
    }
}
