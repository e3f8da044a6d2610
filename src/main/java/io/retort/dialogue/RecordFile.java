package io.retort.dialogue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.JsonLinesWriter;
import io.retort.files.JsonRecord;
import io.retort.files.TextEncoding;

/**
 * A kind of JSONL file, one record a line, plain or gzipped. Whatever is wrong with a file is a {@link BadInput} that
 * names file, line and field. Formats have no state: any thread may use them.
 *
 * @param <T> what a line holds
 */
public abstract sealed class RecordFile<T> permits DialogueFile, RankingFile, DistilledFile, ResponseFile {
    /**
     * Finds out by a file's first line which of the formats it has.
     *
     * @throws BadInput if it is empty or none of the formats
     */
    public static RecordFile<?> sniff(Path file) throws IOException {
        try (JsonLines lines = JsonLines.open(file)) {
            if (!lines.hasNext()) throw empty(file, "JSONL records");
            JsonRecord first = lines.next();
            if (first.has("turns")) return DialogueFile.FORMAT;
            if (first.has("candidates")) return DistilledFile.FORMAT;
            if (first.has("positive")) return RankingFile.FORMAT;
            if (first.has("text")) return ResponseFile.FORMAT;
            throw BadInput.atLine(file, 1, "has none of the fields `turns` (dialogues), `positive` (ranking test), "
                    + "`candidates` (distilled data) and `text` (replies)", "give a file of one of these formats");
        }
    }

    /** Opens a file to be read record by record. */
    public final RecordReader<T> open(Path file) throws IOException {
        return new RecordReader<>(JsonLines.open(file), quickDecoder(), this::decode);
    }

    /** Opens a file to be read record by record, in whatever encoding it is; byte order marks are passed over. */
    public final RecordReader<T> open(Path file, TextEncoding encoding) throws IOException {
        return new RecordReader<>(JsonLines.open(file, encoding), quickDecoder(), this::decode);
    }

    /**
     * Reads all records of a file into memory.
     *
     * @throws BadInput if there is none
     */
    public final List<T> readAll(Path file) throws IOException {
        List<T> records = new ArrayList<>();
        try (RecordReader<T> reader = open(file)) {
            reader.forEachRemaining(records::add);
        }
        if (records.isEmpty()) throw empty(file, contents());
        return records;
    }

    /** Starts a file, gzipped if its name ends in {@code .gz}. */
    public final RecordWriter<T> create(Path file) throws IOException {
        return new RecordWriter<>(JsonLinesWriter.create(file), this::write);
    }

    /** Writes all records to a file, which appears whole or not at all. */
    public final void write(Path file, Iterable<? extends T> records) throws IOException {
        try (RecordWriter<T> writer = create(file)) {
            for (T record : records) writer.write(record);
            writer.commit();
        }
    }

    /** A record as a line has it: plain values by field, in the order of the line. */
    public final SequencedMap<String, Object> values(T record) {
        return PlainValues.of(encode(record));
    }

    /** A few words for messages that say what a file of this format holds. */
    public abstract String contents();

    /** What reads the lines of one file that are easily read; see {@link JsonLines.QuickDecoder}. */
    JsonLines.QuickDecoder<T> quickDecoder() {
        return (_, _) -> null;
    }

    abstract T decode(JsonRecord line);

    abstract ObjectNode encode(T value);

    /** Writes a record as one JSON object, on a line of its own. */
    void write(T value, JsonLinesWriter to) throws IOException {
        to.write(encode(value));
    }

    static Context context(JsonRecord line) {
        List<String> turns = line.texts("context");
        if (turns.isEmpty()) throw line.fault("context", "has zero turns", "give at least one turn");
        return new Context(turns);
    }

    /** The free-form object that may go with a reply; absent and null are none, an empty object is one. */
    static Optional<Map<String, Object>> metadata(JsonRecord line) {
        if (!line.has("metadata")) return Optional.empty();
        Map<String, Object> metadata = line.optionalValues("metadata");
        if (!PlainValues.areFinite(metadata)) {
            throw line.fault("metadata", "holds a number beyond what numbers can be", "write it as a text");
        }
        return Optional.of(metadata);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array(Iterable<String> texts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }

    private static BadInput empty(Path file, String contents) {
        return BadInput.in(file, "is empty", "it should hold " + contents + ", one a line");
    }
}
