package io.retort.lm;

/** Tokens in a {@link KeyValueCache}. One thread at a time. */
public interface Sequence extends AutoCloseable {
    /** Its tokens so far. */
    int length();

    /** A new sequence of the same tokens, which are shared, not computed again. It lives on when this one is closed. */
    Sequence fork();

    /** Gives its memory back, as far as no fork needs it. */
    @Override
    void close();
}
