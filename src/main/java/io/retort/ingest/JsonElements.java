package io.retort.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/**
 * The objects of a JSON text that is one array of them, an object with such an array, or objects one after the other,
 * read one at a time however long the text is. One thread.
 */
final class JsonElements implements Closeable {
    private static final int MAX_DEPTH = 64;
    static final JsonFactory FACTORY = factory();
    static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Source source;
    private final JsonParser parser;
    private final boolean inArray;
    private long count;
    private long line;

    /**
     * @param array whether the objects stand in an array
     * @param field of the outermost object that holds the array, if any
     */
    JsonElements(Source source, Reader text, boolean array, Optional<String> field) throws IOException {
        this.source = source;
        this.parser = FACTORY.createParser(text);
        this.inArray = array;
        try {
            if (field.isPresent()) enter(field.get());
            else if (array) parser.nextToken();
        } catch (JsonProcessingException e) {
            throw broken(e);
        }
    }

    private static JsonFactory factory() {
        var limits = StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxNumberLength(100)
                .maxNameLength(1000).maxStringLength(JsonLines.MAX_LINE_BYTES).build();
        // Names come from the file: keeping them for ever would let a hostile file fill the memory.
        return new JsonFactoryBuilder().streamReadConstraints(limits)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES).disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .build();
    }

    /** Whether a text is one whole JSON value. */
    static boolean isOneValue(String text) {
        try {
            return !MAPPER.readTree(text).isMissingNode();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /** A record as an object: a bare list stands for the turns of a dialogue. */
    static Optional<ObjectNode> object(JsonNode node) {
        if (node instanceof ObjectNode object) return Optional.of(object);
        if (!(node instanceof ArrayNode turns) || turns.isEmpty()) return Optional.empty();
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.set("turns", turns);
        return Optional.of(object);
    }

    private void enter(String field) throws IOException {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals(field) && value == JsonToken.START_ARRAY) return;
            parser.skipChildren();
        }
        throw BadInput.in(source.file(), "has no list `" + field + "`", "check the file");
    }

    /**
     * The next object; null after the last.
     *
     * @throws BadRecord if there is something else in its place
     * @throws BadInput  if the text is no JSON from there on
     */
    ObjectNode next() throws IOException {
        try {
            JsonToken token = parser.nextToken();
            if (token == null && inArray) throw cut();
            if (token == null || token == JsonToken.END_ARRAY) return null;
            count++;
            line = parser.currentTokenLocation().getLineNr();
            JsonNode node = new Tree(parser, false).read();
            return object(node).orElseThrow(() -> source.bad(line, "record " + count + " is no object",
                    "put one object for each conversation"));
        } catch (TooLong e) {
            throw BadInput.atLine(source.file(), line, "record " + count + " is longer than " + JsonLines.MAX_LINE_BYTES
                    + " characters", "put one object for each conversation").causedBy(e);
        } catch (JsonProcessingException e) {
            throw broken(e);
        }
    }

    private BadInput cut() {
        return BadInput.atLine(source.file(), parser.currentLocation().getLineNr(),
                "the file ends before its list does, after record " + count,
                "copy or download the file again; it was taken for " + source.takenFor());
    }

    private BadInput broken(JsonProcessingException e) {
        if (e instanceof com.fasterxml.jackson.core.io.JsonEOFException) return cut();
        return BadInput.atLine(source.file(), e.getLocation() == null ? line : e.getLocation().getLineNr(),
                "not valid JSON in record " + (count + 1) + ": " + e.getOriginalMessage(),
                "correct it: what follows cannot be told from it, since the file was taken for " + source.takenFor())
                .causedBy(e);
    }

    /** Line on which the record begins that was read last, from 1. */
    long line() {
        return line;
    }

    /** Number of the record that was read last, from 1. */
    long count() {
        return count;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    /** One record is longer than any should be. */
    private static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Builds one value of the parser's, of bounded length; of one that is cut, as much as is there. */
    static final class Tree {
        private final JsonParser parser;
        private final boolean mayBeCut;
        private final long start;
        private boolean cut;

        /** @param mayBeCut whether the end of the text ends the value, too */
        Tree(JsonParser parser, boolean mayBeCut) {
            this.parser = parser;
            this.mayBeCut = mayBeCut;
            this.start = parser.currentTokenLocation().getCharOffset();
        }

        boolean isCut() {
            return cut;
        }

        /** The value whose first token is the parser's current one. */
        JsonNode read() throws IOException {
            if (parser.currentLocation().getCharOffset() - start > JsonLines.MAX_LINE_BYTES) throw new TooLong();
            JsonNodeFactory nodes = JsonNodeFactory.instance;
            return switch (parser.currentToken()) {
                case START_OBJECT -> object();
                case START_ARRAY -> array();
                case VALUE_STRING -> nodes.textNode(parser.getText());
                case VALUE_NUMBER_INT -> nodes.numberNode(parser.getBigIntegerValue());
                case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
                case VALUE_TRUE -> nodes.booleanNode(true);
                case VALUE_FALSE -> nodes.booleanNode(false);
                default -> nodes.nullNode();
            };
        }

        private JsonNode object() throws IOException {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            while (!cut && advance() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (advance() != null) object.set(name, read());
            }
            return object;
        }

        private JsonNode array() throws IOException {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            while (!cut) {
                JsonToken token = advance();
                if (token == null || token == JsonToken.END_ARRAY) break;
                array.add(read());
            }
            return array;
        }

        private JsonToken advance() throws IOException {
            try {
                JsonToken token = parser.nextToken();
                // A string is only complete when its end has been seen.
                if (token == JsonToken.VALUE_STRING) parser.getText();
                if (token == null) cut = true;
                return token;
            } catch (JsonProcessingException e) {
                if (!mayBeCut) throw e;
                cut = true;
                return null;
            }
        }
    }
}
