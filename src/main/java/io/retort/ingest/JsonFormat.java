package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import io.retort.files.WhiteSpace;
import io.retort.ingest.JsonSample.Opening;
import io.retort.ingest.Recognition.Confidence;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files of JSON objects of one {@linkplain JsonShape shape}: one a line, in one array, in an array within one object, or
 * one after the other however they are broken into lines.
 *
 * @param shape of an object
 */
record JsonFormat(JsonShape shape) implements ConversationFormat {
    /** Where the objects stand in a file; the field is that of the outermost object which holds their array. */
    private record Layout(Opening opening, Optional<String> field, Recognition recognition) {
        String told() {
            return switch (opening) {
                case ARRAY -> field.map(name -> "in a list `" + name + "`").orElse("in one JSON array");
                case LINES -> "one a line";
                default -> "one after the other";
            };
        }
    }

    @Override
    public String name() {
        return shape.name();
    }

    @Override
    public String title() {
        return shape.title();
    }

    @Override
    public Recognition recognise(Sample sample) {
        return layout(sample).map(Layout::recognition).orElse(Recognition.NONE);
    }

    private Optional<Layout> layout(Sample sample) {
        JsonSample json = sample.json();
        if (json.records().isEmpty()) return Optional.empty();
        Optional<Recognition> here = shared(json.records(), sample.settings());
        if (here.isPresent()) return here.map(known -> new Layout(json.opening(), Optional.empty(), known));
        if (json.opening() == Opening.ARRAY || json.records().size() > 1) return Optional.empty();
        return within(json.records().getFirst(), sample.settings());
    }

    /** What most of some records are recognised by: one broken record must not hide what the others are. */
    private Optional<Recognition> shared(List<ObjectNode> records, ReadingSettings settings) {
        List<Recognition> known = records.stream().map(record -> shape.recognise(record, settings))
                .filter(recognition -> recognition.confidence() != Confidence.NONE).toList();
        return known.size() * 2 < records.size() ? Optional.empty() : known.stream().findFirst();
    }

    private Optional<Layout> within(ObjectNode root, ReadingSettings settings) {
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (!field.getValue().isArray() || !(field.getValue().path(0) instanceof ObjectNode first)) continue;
            Recognition recognition = shape.recognise(first, settings);
            if (recognition.confidence() != Confidence.NONE) {
                return Optional.of(new Layout(Opening.ARRAY, Optional.of(field.getKey()), recognition));
            }
        }
        return Optional.empty();
    }

    @Override
    public Conversations open(Source source) throws IOException {
        // A format that the user has chosen may not be seen in the sample.
        Layout layout = layout(source.sample())
                .orElseGet(() -> new Layout(source.sample().json().opening(), Optional.empty(), Recognition.NONE));
        source.detail(layout.told());
        if (layout.opening == Opening.LINES || layout.opening == Opening.NO_JSON) return new Lines(source);
        var elements = new JsonElements(source, source.text(), layout.opening == Opening.ARRAY, layout.field);
        return new Conversations() {
            @Override
            public Dialogue next() throws IOException {
                for (ObjectNode record = elements.next(); record != null; record = elements.next()) {
                    Dialogue dialogue = shape.read(
                            new JsonConversation(source, record, elements.line(), elements.count()));
                    if (dialogue != null) return dialogue;
                }
                return null;
            }

            @Override
            public void close() throws IOException {
                elements.close();
            }
        };
    }

    /** Objects one a line; a broken line says nothing of the next one. */
    private final class Lines extends LineConversations {
        private final QuickJson quick;

        Lines(Source source) throws IOException {
            super(source);
            this.quick = source.settings().columns().isPresent() ? null : shape.quick(source);
        }

        @Override
        public DialogueLine nextLine() {
            while (quick != null) {
                DialogueLine line = lines.nextBy((utf8, length) -> quick.read(utf8, length, lines.line()));
                if (line != null) return line;
                if (!lines.hasNext()) return null;
                Dialogue read = read(lines.next());
                if (read != null) return DialogueLine.of(read);
            }
            Dialogue next = next();
            return next == null ? null : DialogueLine.of(next);
        }

        @Override
        Dialogue read(String line) {
            if (WhiteSpace.isBlank(line)) return null;
            ObjectNode record = JsonLine.parse(source, lines.line(), line);
            return shape.read(new JsonConversation(source, record, lines.line(), lines.line()));
        }

        @Override
        Dialogue rest() {
            return null;
        }
    }
}
