package io.retort.search;

import java.util.Locale;

/** What the vector of a row says: what a context is compared with. */
public enum KeyedBy {
    /** The reply, as in the paper: a model trained for it finds replies that answer. */
    REPLY,
    /**
     * The contexts that the reply answered: the search finds what was said in a like situation, even with an encoder
     * that was never trained on dialogue.
     */
    CONTEXT,
    /** The mean of the reply's vector and that of its contexts. */
    BOTH;

    /** The key's name in an index's metadata. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
