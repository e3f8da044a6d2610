package io.retort.dialogue;

import java.io.IOException;
import java.util.function.Function;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.JsonLinesWriter;

/**
 * A file in the making: it appears whole on {@link #commit()} or not at all. One thread.
 *
 * @param <T> what a line holds
 */
public final class RecordWriter<T> implements AutoCloseable {
    private final JsonLinesWriter lines;
    private final Function<T, ObjectNode> encode;

    RecordWriter(JsonLinesWriter lines, Function<T, ObjectNode> encode) {
        this.lines = lines;
        this.encode = encode;
    }

    /** Appends a record. */
    public void write(T value) throws IOException {
        lines.write(encode.apply(value));
    }

    /** Completes the file and gives it its name, replacing an older one. */
    public void commit() throws IOException {
        lines.commit();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
