package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.ingest.Recognition.Confidence;
import java.io.IOException;
import java.util.List;

/**
 * Tables in Parquet: conversations as nested lists, in the shapes that JSON has; a context and a response, or a turn, in
 * each row, in the columns that CSV has.
 */
final class ParquetFormat implements ConversationFormat {
    private static final List<JsonShape> SHAPES = List.of(new TurnsShape(), new MessagesShape(), new ShareGptShape(),
            new ParlaiShape(), new PairShape());

    @Override
    public String name() {
        return "parquet";
    }

    @Override
    public String title() {
        return "Parquet";
    }

    @Override
    public Recognition recognise(Sample sample) {
        return sample.isParquet() ? Recognition.certain("begins with PAR1") : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        JsonShape shape;
        try (ParquetRecords records = new ParquetRecords(source)) {
            ObjectNode first = records.next();
            shape = first == null || !isNested(first)
                    ? null
                    : SHAPES.stream()
                            .filter(each -> each.recognise(first, source.settings()).confidence() != Confidence.NONE)
                            .findFirst().orElse(null);
        }
        if (shape == null) return new RowConversations(source, () -> new TurnRows(source));
        source.detail(shape.title());
        return new Nested(source, shape);
    }

    private static boolean isNested(ObjectNode row) {
        for (JsonNode value : row) if (value.isContainerNode()) return true;
        return false;
    }

    /** A conversation in each row. */
    private static final class Nested implements Conversations {
        private final Source source;
        private final JsonShape shape;
        private final ParquetRecords records;

        Nested(Source source, JsonShape shape) throws IOException {
            this.source = source;
            this.shape = shape;
            this.records = new ParquetRecords(source);
        }

        @Override
        public Dialogue next() {
            for (ObjectNode record = records.next(); record != null; record = records.next()) {
                Dialogue dialogue = shape.read(new JsonConversation(source, record, records.row(), records.row()));
                if (dialogue != null) return dialogue;
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            records.close();
        }
    }

    /** A turn or an exchange in each row. */
    private static final class TurnRows implements Rows {
        private final ParquetRecords records;
        private final List<String> names;
        private final Source source;

        TurnRows(Source source) throws IOException {
            this.source = source;
            this.records = new ParquetRecords(source);
            this.names = records.names();
        }

        @Override
        public List<String> names() {
            return names;
        }

        @Override
        public Row next() {
            ObjectNode record = records.next();
            if (record == null) return null;
            JsonConversation row = new JsonConversation(source, record, records.row(), records.row());
            return new Row() {
                @Override
                public long line() {
                    return row.line();
                }

                @Override
                public String get(String column) {
                    JsonNode value = record.path(column);
                    return value.isMissingNode() || value.isNull() ? null : row.text(value, column);
                }
            };
        }

        @Override
        public void close() throws IOException {
            records.close();
        }
    }
}
