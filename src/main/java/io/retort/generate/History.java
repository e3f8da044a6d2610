package io.retort.generate;

import java.util.Arrays;

/** A prompt and the tokens chosen after it so far. */
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

    /** A copy with one more token. */
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

    /** Tokens chosen. */
    int replyLength() {
        return size;
    }

    /** Tokens of prompt and reply. */
    int length() {
        return prompt.length + size;
    }

    /** Token of prompt and reply. */
    int at(int i) {
        return i < prompt.length ? prompt[i] : reply[i - prompt.length];
    }

    /** The token chosen last. */
    int last() {
        return reply[size - 1];
    }

    /** The tokens chosen from that one on. */
    int[] reply(int from) {
        return Arrays.copyOfRange(reply, from, size);
    }
}
