package io.retort.generate;

import java.util.Arrays;

/**
 * A prompt and the tokens chosen after it so far, which constraints are checked against. Where the reply does not go on
 * with the prompt, the token that the decoder starts with stands between them.
 */
final class History {
    private final int[] prompt;
    private final int[] start;
    private int[] reply;
    private int size;

    private History(int[] prompt, int[] start, int[] reply, int size) {
        this.prompt = prompt;
        this.start = start;
        this.reply = reply;
        this.size = size;
    }

    static History of(int[] prompt) {
        return new History(prompt, new int[0], new int[16], 0);
    }

    /** Begins the history of a reply that does not go on with its prompt, but with this token. */
    static History apart(int[] prompt, int start) {
        return new History(prompt, new int[]{start}, new int[16], 0);
    }

    /** Returns a copy of this history with one more token chosen. */
    History with(int token) {
        History longer = new History(prompt, start, Arrays.copyOf(reply, Math.max(16, size + 8)), size);
        longer.add(token);
        return longer;
    }

    void add(int token) {
        if (size == reply.length) reply = Arrays.copyOf(reply, 2 * size);
        reply[size++] = token;
    }

    int promptLength() {
        return prompt.length;
    }

    /** Number of tokens chosen after the prompt. */
    int replyLength() {
        return size;
    }

    /** Number of tokens of the prompt and of those after it. */
    int length() {
        return prompt.length + start.length + size;
    }

    /** The place at which the sequence begins that the reply is the end of: that of the prompt, or behind it. */
    int begin() {
        return start.length == 0 ? 0 : prompt.length;
    }

    /** The token at a place, counted from the prompt's first token on. */
    int at(int i) {
        if (i < prompt.length) return prompt[i];
        int after = i - prompt.length;
        return after < start.length ? start[after] : reply[after - start.length];
    }

    /** The token chosen last. */
    int last() {
        return reply[size - 1];
    }

    /** The tokens chosen after the prompt, from the one of the given number on. */
    int[] reply(int from) {
        return Arrays.copyOfRange(reply, from, size);
    }
}
