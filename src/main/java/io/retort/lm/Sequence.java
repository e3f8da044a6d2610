package io.retort.lm;

/** A sequence of tokens whose keys and values are in a {@link KeyValueCache}. To be used by one thread at a time. */
public interface Sequence extends AutoCloseable {
    /** Returns how many tokens the sequence has so far. */
    int length();

    /**
     * Creates a sequence of the same tokens, which are shared and not computed again. It lives on when this one is
     * closed.
     */
    Sequence fork();

    /** Frees the sequence's memory, as far as no fork needs it. */
    @Override
    void close();
}
