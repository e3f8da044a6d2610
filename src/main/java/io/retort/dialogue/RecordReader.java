package io.retort.dialogue;

import java.util.Iterator;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;

/**
 * The records of a file, one at a time, in bounded memory. One thread; close after use.
 *
 * @param <T> what a line holds
 */
public final class RecordReader<T> implements Iterator<T>, AutoCloseable {
    private final JsonLines lines;
    private final JsonLines.QuickDecoder<T> quick;
    private final Function<JsonRecord, T> decode;

    RecordReader(JsonLines lines, JsonLines.QuickDecoder<T> quick, Function<JsonRecord, T> decode) {
        this.lines = lines;
        this.quick = quick;
        this.decode = decode;
    }

    @Override
    public boolean hasNext() {
        return lines.hasNext();
    }

    @Override
    public T next() {
        return lines.next(quick, decode);
    }

    /** What a user should know of how the text was decoded, as {@link JsonLines#note()} says it. */
    public Optional<String> encodingNote() {
        return lines.note();
    }

    /** The remaining records, in order; closing the stream closes the file. */
    public Stream<T> stream() {
        var ordered = Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL);
        return StreamSupport.stream(ordered, false).onClose(this::close);
    }

    @Override
    public void close() {
        lines.close();
    }
}
