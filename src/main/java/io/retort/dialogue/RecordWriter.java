package io.retort.dialogue;

import java.io.IOException;

import io.retort.files.JsonLinesWriter;

/**
 * A file in the making: it appears whole on {@link #commit()} or not at all. One thread.
 *
 * @param <T> what a line holds
 */
public final class RecordWriter<T> implements AutoCloseable {
    private final JsonLinesWriter lines;
    private final Encoding<T> encoding;

    RecordWriter(JsonLinesWriter lines, Encoding<T> encoding) {
        this.lines = lines;
        this.encoding = encoding;
    }

    /** How a record is written as a line. */
    interface Encoding<T> {
        void write(T value, JsonLinesWriter to) throws IOException;
    }

    /** Appends a record. */
    public void write(T value) throws IOException {
        encoding.write(value, lines);
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
