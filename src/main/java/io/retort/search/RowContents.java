package io.retort.search;

import java.util.AbstractList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * What an index keeps of each row beside its vector. The lists may compute what they hold each time it is asked for,
 * but it must always be the same.
 *
 * @param texts    the replies, in the order of the rows
 * @param metadata of each reply, as {@link ReplyMetadata} encodes it; of no bytes where a reply has none
 * @param contexts that each reply answered, as {@link ReplyContexts} encodes them; of no bytes where none are kept
 */
record RowContents(List<String> texts, List<byte[]> metadata, List<byte[]> contexts) {
    private static final byte[] NONE = {};

    RowContents {
        if (texts.size() != metadata.size()) {
            throw new IllegalArgumentException(texts.size() + " replies with metadata of " + metadata.size());
        }
        if (texts.size() != contexts.size()) {
            throw new IllegalArgumentException(texts.size() + " replies with contexts of " + contexts.size());
        }
    }

    /** The contents of rows of which no contexts are kept. */
    RowContents(List<String> texts, List<byte[]> metadata) {
        this(texts, metadata, Collections.nCopies(texts.size(), NONE));
    }

    /** The contents of rows whose replies have no metadata. */
    static RowContents of(List<String> texts) {
        return new RowContents(texts, Collections.nCopies(texts.size(), NONE));
    }

    /** Returns a list that computes an item each time it is asked for. */
    static <T> List<T> computed(int size, IntFunction<T> item) {
        return new AbstractList<>() {
            @Override
            public T get(int index) {
                return item.apply(Objects.checkIndex(index, size));
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    int size() {
        return texts.size();
    }
}
