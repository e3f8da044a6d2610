package io.retort.files;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Writes a JSONL file, gzipped if its name ends in {@code .gz}. The file appears whole on {@link #commit()} or not at
 * all. Equal records give equal bytes: keys keep their order and the gzip header carries no time. One thread.
 */
public final class JsonLinesWriter implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final AtomicFile file;
    private final OutputStream out;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 12);
    private final JsonBytes direct = new JsonBytes();
    private boolean sealed;

    private JsonLinesWriter(AtomicFile file, OutputStream out) {
        this.file = file;
        this.out = out;
    }

    /** Starts a file beside {@code target}. */
    public static JsonLinesWriter create(Path target) throws IOException {
        AtomicFile file = AtomicFile.create(target);
        try {
            OutputStream bytes = Channels.newOutputStream(file.channel());
            boolean gzip = target.getFileName().toString().endsWith(".gz");
            return new JsonLinesWriter(file, gzip
                    ? new GZIPOutputStream(bytes, 1 << 16)
                    : new BufferedOutputStream(bytes, 1 << 16));
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** What writes a record as one JSON value. */
    @FunctionalInterface
    public interface Line {
        /** Writes the value. */
        void write(JsonGenerator to) throws IOException;
    }

    /** Appends one record as one line; the line is made whole in memory before its first byte is written. */
    public void write(ObjectNode record) throws IOException {
        write((Line) to -> to.writeTree(record));
    }

    /** Appends what is written as one line, as {@link #write(ObjectNode)} does. */
    public void write(Line record) throws IOException {
        line.reset();
        try (JsonGenerator to = MAPPER.createGenerator(line)) {
            record.write(to);
        }
        line.write('\n');
        line.writeTo(out);
    }

    /** What writes a record as the bytes of one JSON value. */
    @FunctionalInterface
    public interface DirectLine {
        /** Writes the value. */
        void write(JsonBytes to);
    }

    /** Appends what is written as one line, made whole in memory before its first byte is written. */
    public void writeDirectly(DirectLine record) throws IOException {
        direct.clear();
        record.write(direct);
        direct.mark('\n');
        out.write(direct.bytes(), 0, direct.length());
    }

    /**
     * Completes the file's bytes without giving the file its name; no record can be written after this call.
     *
     * @return how many there are
     */
    long seal() throws IOException {
        if (!sealed && out instanceof GZIPOutputStream gzip) gzip.finish();
        out.flush();
        sealed = true;
        return file.channel().size();
    }

    /** Completes the file and gives it its name; no record can be written after this call. */
    public void commit() throws IOException {
        seal();
        file.commit();
    }

    /** Closes the writer, and removes what was written unless it was committed. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
