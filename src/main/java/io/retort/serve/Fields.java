package io.retort.serve;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.WhiteSpace;
import io.retort.settings.SettingsCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** The fields of a JSON object in a request, read strictly: what is wrong is a {@link Fault} that names the field. */
final class Fields {
    /** Reads what strangers send: no deep nesting, no field twice. */
    static final JsonMapper JSON = JsonMapper.builder(new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).maxNumberLength(64)
                    .maxNameLength(1024).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final ObjectNode object;
    private final String at;

    private Fields(ObjectNode object, String at) {
        this.object = object;
        this.at = at;
    }

    /** The fields of an object that stands at a place of the request; empty for the whole. */
    static Fields of(JsonNode json, String at) {
        if (json instanceof ObjectNode object) return new Fields(object, at.isEmpty() ? "" : at + ".");
        throw at.isEmpty()
                ? Fault.of(400, "invalid_json", "the body is " + kind(json) + "; send a JSON object")
                : Fault.field(at, "is " + kind(json) + "; send an object");
    }

    /** The fields of a request's body. */
    static Fields parse(byte[] body) {
        if (body.length == 0) throw Fault.of(400, "invalid_json", "the body is empty; send a JSON object");
        try {
            // Strictly UTF-8: the parser by itself would also guess other encodings.
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            JsonNode json = JSON.readTree(text);
            if (json == null || json.isMissingNode()) {
                throw Fault.of(400, "invalid_json", "the body is empty; send a JSON object");
            }
            return of(json, "");
        } catch (CharacterCodingException e) {
            throw Fault.of(400, "invalid_json", "the body is not UTF-8; encode it as UTF-8");
        } catch (JsonParseException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " (line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ")";
            throw Fault.of(400, "invalid_json", "the body is not JSON: " + brief(e.getOriginalMessage()) + where);
        } catch (JsonProcessingException e) {
            throw Fault.of(400, "invalid_json", "the body cannot be read: " + brief(e.getOriginalMessage()));
        }
    }

    private static String brief(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    private static String kind(JsonNode json) {
        return switch (json.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> "a truth value";
            default -> "null";
        };
    }

    /** The place of a field in the request. */
    String path(String name) {
        return at + name;
    }

    /** Refuses fields that are none of these. */
    Fields only(Set<String> known) {
        object.fieldNames().forEachRemaining(name -> {
            if (known.contains(name)) return;
            String near = SettingsCodec.nearest(name, known).map(it -> "; did you mean " + it + "?").orElse("");
            throw Fault.field(at + (name.length() > 64 ? name.substring(0, 64) + "…" : name), "is unknown" + near);
        });
        return this;
    }

    /** A field, if it is there and not null. */
    Optional<JsonNode> find(String name) {
        JsonNode found = object.get(name);
        return found == null || found.isNull() ? Optional.empty() : Optional.of(found);
    }

    JsonNode required(String name) {
        return find(name).orElseThrow(() -> Fault.field(at + name, "is missing"));
    }

    Optional<String> text(String name) {
        return find(name).map(json -> text(json, at + name));
    }

    String requiredText(String name, int most) {
        return limited(text(required(name), at + name), most, at + name);
    }

    /** A text that is no longer than allowed. */
    static String limited(String text, int most, String at) {
        if (text.length() > most) {
            throw Fault.field(at, "has " + text.length() + " characters; send at most " + most);
        }
        return text;
    }

    /** The text of a node, of whole characters. */
    static String text(JsonNode json, String at) {
        if (!json.isTextual()) throw Fault.field(at, "is " + kind(json) + "; send a text");
        String text = json.textValue();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw Fault.field(at, "holds half a surrogate pair; send whole characters");
        }
        return text;
    }

    static String filled(String text, String at) {
        if (WhiteSpace.isBlank(text)) throw Fault.field(at, "is blank; send a text");
        return text;
    }

    int integer(String name, int usual, int least, int most) {
        return find(name).map(json -> {
            boolean isWhole = json.isNumber() && json.canConvertToExactIntegral() && json.canConvertToInt();
            if (!isWhole || json.intValue() < least || json.intValue() > most) {
                throw Fault.field(at + name, "is " + (json.isNumber() ? "out of range" : kind(json))
                        + "; send a whole number from " + least + " to " + most);
            }
            return json.intValue();
        }).orElse(usual);
    }

    OptionalDouble number(String name) {
        return find(name).map(json -> {
            if (!json.isNumber() || !Double.isFinite(json.doubleValue())) {
                throw Fault.field(at + name, "is " + kind(json) + "; send a number");
            }
            return OptionalDouble.of(json.doubleValue());
        }).orElse(OptionalDouble.empty());
    }

    boolean flag(String name, boolean usual) {
        return find(name).map(json -> {
            if (!json.isBoolean()) throw Fault.field(at + name, "is " + kind(json) + "; send true or false");
            return json.booleanValue();
        }).orElse(usual);
    }

    /** The elements of a list; empty if the field is not there. */
    List<JsonNode> list(String name, int most) {
        return find(name).map(json -> elements(json, at + name, most)).orElse(List.of());
    }

    /** The elements of a list that is no longer than allowed. */
    static List<JsonNode> elements(JsonNode json, String at, int most) {
        if (!(json instanceof ArrayNode array)) throw Fault.field(at, "is " + kind(json) + "; send a list");
        if (array.size() > most) {
            throw Fault.field(at, "has " + array.size() + " elements; send at most " + most);
        }
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements;
    }
}
