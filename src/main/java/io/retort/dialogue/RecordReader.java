package io.retort.dialogue;

import java.util.Iterator;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;

/**
 * The records of a file, one at a time, in bounded memory. One thread; close after use.
 *
 * @param <T> what a line holds
 */
public final class RecordReader<T> implements Iterator<T>, AutoCloseable {
    private final JsonLines lines;
    private final Function<JsonRecord, T> decode;

    RecordReader(JsonLines lines, Function<JsonRecord, T> decode) {
        this.lines = lines;
        this.decode = decode;
    }

    @Override
    public boolean hasNext() {
        return lines.hasNext();
    }

    @Override
    public T next() {
        return decode.apply(lines.next());
    }

    /** What a user should know of how the text was decoded, as {@link JsonLines#note()} says it. */
    public Optional<String> encodingNote() {
        return lines.note();
    }

    /** The remaining records, in order; closing the stream closes the file. */
    public Stream<T> stream() {
        return lines.stream().map(decode);
    }

    @Override
    public void close() {
        lines.close();
    }
}
