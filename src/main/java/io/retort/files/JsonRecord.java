package io.retort.files;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A JSON object of a JSONL file, or one nested in it, which remembers where it stands, so that every complaint about a
 * field names file, line and field. Unknown fields are left alone. Not safe for several threads while the node is
 * changed.
 *
 * @param file where it was read
 * @param line number of the line, from 1
 * @param prefix path of the object inside its line ({@code turns[3].}), empty for the line's own object
 * @param node the object itself
 */
public record JsonRecord(Path file, long line, String prefix, ObjectNode node) {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_DIGITS = 100;
    private static final int MAX_NAME = 1000;
    private static final TypeReference<Map<String, Object>> PLAIN_VALUES = new TypeReference<>() {};
    private static final JsonMapper MAPPER = JsonMapper.builder(factory())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);

    private static JsonFactory factory() {
        var limits = StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxNumberLength(MAX_NUMBER_DIGITS)
                .maxNameLength(MAX_NAME).maxStringLength(JsonLines.MAX_LINE_BYTES).build();
        // Names come from the file: canonicalising or interning them would keep a hostile file's names for ever.
        return new JsonFactoryBuilder().streamReadConstraints(limits)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .build();
    }

    /**
     * Parses one line.
     *
     * @throws BadInput if it is anything but a single JSON object without repeated keys
     */
    public static JsonRecord parse(Path file, long line, String text) {
        try {
            JsonNode node = READER.readTree(text);
            if (node instanceof ObjectNode object) return new JsonRecord(file, line, "", object);
            throw BadInput.atLine(file, line, "expected a JSON object, found " + kind(node), node.isArray()
                    ? "put one object {…} on each line (jq -c '.[]' takes a list apart)"
                    : "put one object {…} on each line");
        } catch (JsonProcessingException e) {
            String column = e.getLocation() == null ? "" : " at column " + e.getLocation().getColumnNr();
            JsonFault fault = JsonFault.of(e, text);
            throw BadInput.atLine(file, line, "not valid JSON" + column + ": " + fault.problem(), fault.remedy())
                    .causedBy(e);
        }
    }

    /** Whether the field is there and not null. */
    public boolean has(String field) {
        return node.hasNonNull(field);
    }

    /** Reads a required string field. */
    public String text(String field) {
        return asText(required(field), field);
    }

    /** Reads a required string field that must not be blank. */
    public String filledText(String field) {
        return asFilledText(required(field), field);
    }

    /** Reads a string field that may be absent or null. */
    public Optional<String> optionalText(String field) {
        return has(field) ? Optional.of(text(field)) : Optional.empty();
    }

    /** Reads a field with a finite number, which may be absent or null. */
    public OptionalDouble optionalNumber(String field) {
        if (!has(field)) return OptionalDouble.empty();
        JsonNode value = node.get(field);
        if (!value.isNumber()) throw wrongKind(field, "a number", value);
        if (!Double.isFinite(value.doubleValue())) throw fault(field, "is not a finite number", "correct the line");
        return OptionalDouble.of(value.doubleValue());
    }

    /** Reads a required list of strings, none of them blank; the list may be empty. */
    public List<String> texts(String field) {
        JsonNode array = array(required(field), field);
        List<String> texts = new ArrayList<>(array.size());
        for (JsonNode element : array) texts.add(asFilledText(element, field + "[" + texts.size() + "]"));
        return texts;
    }

    /** Reads a list of strings, none of them blank; the result is empty where the field is absent or null. */
    public List<String> optionalTexts(String field) {
        return has(field) ? texts(field) : List.of();
    }

    /** Reads a required list of objects, each of which remembers its place in the line. */
    public List<JsonRecord> records(String field) {
        JsonNode array = array(required(field), field);
        List<JsonRecord> records = new ArrayList<>(array.size());
        for (JsonNode element : array) {
            String place = field + "[" + records.size() + "]";
            if (!(element instanceof ObjectNode object)) throw wrongKind(place, "an object", element);
            records.add(new JsonRecord(file, line, prefix + place + ".", object));
        }
        return records;
    }

    /**
     * Reads an object of free form as strings, numbers, booleans, nulls, lists and maps in the file's order; the result
     * is empty where the field is absent or null.
     */
    public Map<String, Object> optionalValues(String field) {
        if (!has(field)) return Map.of();
        if (!(node.get(field) instanceof ObjectNode object)) throw wrongKind(field, "an object", node.get(field));
        if (!isWellFormed(object.toString())) throw brokenText(field);
        return MAPPER.convertValue(object, PLAIN_VALUES);
    }

    /** Makes the error that reports a field with its file, line and path, for the caller to throw. */
    public BadInput fault(String field, String problem, String remedy) {
        return BadInput.atLine(file, line, "field `" + prefix + field + "` " + problem, remedy);
    }

    private JsonNode required(String field) {
        if (!has(field)) throw fault(field, "is missing", "add it");
        return node.get(field);
    }

    private JsonNode array(JsonNode value, String field) {
        if (!value.isArray()) throw wrongKind(field, "a list", value);
        return value;
    }

    private String asFilledText(JsonNode value, String field) {
        String text = asText(value, field);
        if (WhiteSpace.isBlank(text)) throw fault(field, "is blank", "give it a text or remove it");
        return text;
    }

    private String asText(JsonNode value, String field) {
        if (!value.isTextual()) throw wrongKind(field, "a string", value);
        String text = value.textValue();
        if (!isWellFormed(text)) throw brokenText(field);
        return text;
    }

    private BadInput brokenText(String field) {
        return fault(field, "holds half of a surrogate pair", "correct the \\u escape");
    }

    /** JSON can escape halves of surrogate pairs, which no UTF-8 file can hold. */
    private static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private BadInput wrongKind(String field, String wanted, JsonNode found) {
        return fault(field, "must be " + wanted + ", not " + kind(found), "correct the line");
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "a boolean";
            case NULL -> "null";
            case NUMBER -> "a number";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case BINARY, MISSING, POJO -> "nothing";
        };
    }
}
