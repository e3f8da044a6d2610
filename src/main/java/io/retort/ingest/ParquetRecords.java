package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hardwood.HardwoodContext;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqStruct;
import dev.hardwood.schema.SchemaNode;
import io.retort.files.BadInput;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The rows of a Parquet file as JSON objects, in order. Whatever is wrong with it is told by its group of rows. */
final class ParquetRecords implements Closeable {
    /** Bytes of a file that does not lie on the disk as it is: it must be held in memory. */
    private static final int MOST_IN_MEMORY = 1 << 30;
    private static final int MOST_DEPTH = 16;
    /** The library tells of its choices; nobody asked. Kept here, since a logger that nobody holds forgets its level. */
    private static final Logger TALK = Logger.getLogger("dev.hardwood");

    private static final String DEFLATE = "hardwood.uselibdeflate";

    static {
        if (TALK.getLevel() == null) TALK.setLevel(Level.WARNING);
        // The JDK inflates as well as whatever library of that name the machine may have.
        if (System.getProperty(DEFLATE) == null) System.setProperty(DEFLATE, "false");
    }

    private final Source source;
    private final ParquetBytes bytes;
    private HardwoodContext context;
    private ParquetFileReader reader;
    private RowReader rows;
    private List<RowGroup> groups;
    private long row;
    private int group;
    private long groupEnd;

    ParquetRecords(Source source) throws IOException {
        this.source = source;
        this.bytes = bytes(source);
        try {
            ParquetCheck check = new ParquetCheck(bytes);
            check.footer();
            context = HardwoodContext.create(1);
            reader = ParquetFileReader.open(bytes, context);
            groups = reader.getFileMetaData().rowGroups();
            for (group = 0; group < groups.size(); group++) check.pages(groups.get(group));
            group = 0;
            groupEnd = groups.isEmpty() ? 0 : groups.getFirst().numRows();
            rows = reader.rowReader();
        } catch (IOException | RuntimeException | StackOverflowError e) {
            BadInput told = broken(e);
            closeQuietly(told);
            throw told;
        }
    }

    private static ParquetBytes bytes(Source source) throws IOException {
        Path file = source.file();
        if (Files.isRegularFile(file) && startsAsParquet(file)) return ParquetBytes.of(file);
        try (InputStream in = source.bytes()) {
            byte[] all = in.readNBytes(MOST_IN_MEMORY);
            if (in.read() < 0) return ParquetBytes.of(file, all);
            throw BadInput.in(file, "is more Parquet than can be held in memory", "give it as a file, not compressed");
        }
    }

    private static boolean startsAsParquet(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(4), StandardCharsets.ISO_8859_1).equals("PAR1");
        }
    }

    /** The columns' names, in order. */
    List<String> names() {
        return reader.getFileSchema().getRootNode().children().stream().map(SchemaNode::name).toList();
    }

    /** Number of the row that was read last, from 1. */
    long row() {
        return row;
    }

    /**
     * The next row; null after the last.
     *
     * @throws BadInput if the file is damaged: nothing after it can be read then
     */
    ObjectNode next() {
        try {
            if (!rows.hasNext()) return null;
            rows.next();
            while (row >= groupEnd && group + 1 < groups.size()) groupEnd += groups.get(++group).numRows();
            row++;
            ObjectNode record = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < rows.getFieldCount(); i++) {
                if (!rows.isNull(i)) record.set(rows.getFieldName(i), node(rows.getValue(i), 0));
            }
            return record;
        } catch (RuntimeException | StackOverflowError e) {
            throw broken(e);
        }
    }

    private static JsonNode node(Object value, int depth) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (depth > MOST_DEPTH) return nodes.nullNode();
        return switch (value) {
            case null -> nodes.nullNode();
            case String text -> nodes.textNode(text);
            case Boolean flag -> nodes.booleanNode(flag);
            case Integer number -> nodes.numberNode(number);
            case Long number -> nodes.numberNode(number);
            case Float number -> nodes.numberNode(number);
            case Double number -> nodes.numberNode(number);
            case PqStruct struct -> {
                ObjectNode object = nodes.objectNode();
                for (int i = 0; i < struct.getFieldCount(); i++) {
                    if (!struct.isNull(i)) object.set(struct.getFieldName(i), node(struct.getValue(i), depth + 1));
                }
                yield object;
            }
            case PqList list -> {
                ArrayNode array = nodes.arrayNode();
                for (int i = 0; i < list.size(); i++) {
                    array.add(list.isNull(i) ? nodes.nullNode() : node(list.get(i), depth + 1));
                }
                yield array;
            }
            case byte[] raw -> nodes.textNode(new String(raw, StandardCharsets.UTF_8));
            default -> nodes.textNode(value.toString());
        };
    }

    private BadInput broken(Throwable e) {
        if (e instanceof BadInput told) return told;
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) cause = cause.getCause();
        String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        boolean isCodec = cause instanceof UnsupportedOperationException || cause instanceof LinkageError;
        String where = groups == null ? "" : "row group " + (group + 1) + ", after row " + row + ": ";
        return BadInput.in(source.file(), where + "cannot be read as Parquet (" + reason + ")",
                isCodec
                        ? "write it uncompressed or with gzip, snappy or zstd"
                        : "copy or download the file again, or write it anew")
                .causedBy(e);
    }

    private void closeQuietly(Throwable fault) {
        try {
            close();
        } catch (IOException | RuntimeException e) {
            fault.addSuppressed(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (rows != null) rows.close();
            if (reader != null) reader.close();
        } finally {
            if (context != null) context.close();
            bytes.close();
        }
    }
}
