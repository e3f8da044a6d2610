package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.TextLines;
import io.retort.files.WhiteSpace;
import io.retort.ingest.JsonSample.Opening;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** JSON objects, one a line or in one array, of which each is one turn of a conversation: a table in JSON. */
final class RowsFormat implements ConversationFormat {
    private static final String NAME = "rows";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String title() {
        return "JSON rows";
    }

    @Override
    public Recognition recognise(Sample sample) {
        JsonSample json = sample.json();
        if (json.records().isEmpty() || json.opening() == Opening.OBJECT) return Recognition.NONE;
        List<String> names = names(json);
        ReadingSettings settings = sample.settings();
        boolean isRow = json.records().stream().allMatch(RowsFormat::isFlat);
        boolean isTurn = new ColumnNames(names).areKnown(settings)
                && PairShape.PAIRS.stream().noneMatch(pair -> pair.isIn(json.records().getFirst()));
        return isRow && isTurn ? Recognition.likely("has a turn in each object") : Recognition.NONE;
    }

    private static boolean isFlat(ObjectNode record) {
        return record.properties().stream().noneMatch(
                field -> field.getValue().isArray() && JsonConversation.TEXTS.contains(field.getKey())
                        || List.of("turns", "messages", "conversations", "candidates", "positive")
                                .contains(field.getKey()));
    }

    private static List<String> names(JsonSample json) {
        Set<String> names = new LinkedHashSet<>();
        json.records().forEach(record -> record.fieldNames().forEachRemaining(names::add));
        return List.copyOf(names);
    }

    @Override
    public Conversations open(Source source) throws IOException {
        JsonSample json = source.sample().json();
        return new RowConversations(source, () -> new JsonRows(source, names(json), json.opening() == Opening.ARRAY));
    }

    /** The objects of a JSON file, as rows whose columns are their fields. */
    private static final class JsonRows implements Rows {
        private final Source source;
        private final List<String> names;
        private final TextLines lines;
        private final JsonElements elements;

        JsonRows(Source source, List<String> names, boolean inArray) throws IOException {
            this.source = source;
            this.names = names;
            this.lines = inArray ? null : source.lines();
            this.elements = inArray ? new JsonElements(source, source.text(), true, Optional.empty()) : null;
        }

        @Override
        public List<String> names() {
            return names;
        }

        @Override
        public Row next() throws IOException {
            if (elements != null) {
                ObjectNode record = elements.next();
                return record == null
                        ? null
                        : row(new JsonConversation(source, record, elements.line(), elements.count()));
            }
            while (lines.hasNext()) {
                String text = lines.next();
                if (WhiteSpace.isBlank(text)) continue;
                ObjectNode record = JsonLine.parse(source, lines.line(), text);
                return row(new JsonConversation(source, record, lines.line(), lines.line()));
            }
            return null;
        }

        private static Row row(JsonConversation record) {
            return new Row() {
                @Override
                public long line() {
                    return record.line();
                }

                @Override
                public String get(String column) {
                    JsonNode value = record.record().path(column);
                    return value.isMissingNode() || value.isNull() ? null : record.text(value, column);
                }
            };
        }

        @Override
        public void close() throws IOException {
            if (lines != null) lines.close();
            if (elements != null) elements.close();
        }
    }
}
