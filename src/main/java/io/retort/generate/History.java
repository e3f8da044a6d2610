package io.retort.generate;

import java.util.Arrays;

/** A prompt and the tokens chosen after it so far, which constraints are checked against. */
final class History {
    private final int[] prompt;
    private int[] reply;
    private int size;

    private History(int[] prompt, int[] reply, int size) {
        this.prompt = prompt;
        this.reply = reply;
        this.size = size;
    }

    static History of(int[] prompt) {
        return new History(prompt, new int[16], 0);
    }

    /** Returns a copy of this history with one more token chosen. */
    History with(int token) {
        History longer = new History(prompt, Arrays.copyOf(reply, Math.max(16, size + 8)), size);
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

    /** Number of tokens of the prompt and of those chosen after it. */
    int length() {
        return prompt.length + size;
    }

    /** The token at a place, counted from the prompt's first token on. */
    int at(int i) {
        return i < prompt.length ? prompt[i] : reply[i - prompt.length];
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
