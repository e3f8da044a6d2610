package io.retort.files;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Typed fields of a {@code config.json}; a value of another type is an error that names file and key.
 *
 * @param file named in errors
 */
public record ConfigFields(Path file) {
    private static final int LARGEST = 1 << 20;

    /**
     * Reads the whole file as JSON.
     *
     * @throws BadInput if it is missing or is not JSON
     */
    public static JsonNode read(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw BadInput.in(file, "there is no such file", "a model folder has a config.json");
        if (Files.size(file) > LARGEST)
            throw BadInput.in(file, "is larger than a configuration can be", "check the path");
        return JsonFile.read(file, LARGEST);
    }

    /**
     * Parses the bytes of a file as JSON.
     *
     * @throws BadInput if they are not
     */
    public static JsonNode parse(Path file, byte[] bytes) throws IOException {
        return JsonFile.parse(file, bytes);
    }

    public JsonNode object(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isMissingNode() && !value.isNull() && !value.isObject()) throw wrong(key, value, "an object");
        return value;
    }

    public int required(JsonNode node, String key) {
        if (!node.hasNonNull(key))
            throw BadInput.in(file, "lacks \"" + key + "\"", "take the config.json that belongs to the weights");
        return integer(node, key, 0);
    }

    public int integer(JsonNode node, String key, int absent) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) return absent;
        if (!value.isIntegralNumber() || !value.canConvertToInt()) throw wrong(key, value, "a whole number");
        return value.intValue();
    }

    public double number(JsonNode node, String key, double absent) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) return absent;
        if (!value.isNumber()) throw wrong(key, value, "a number");
        return value.doubleValue();
    }

    public boolean flag(JsonNode node, String key, boolean absent) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) return absent;
        if (!value.isBoolean()) throw wrong(key, value, "true or false");
        return value.booleanValue();
    }

    public String string(JsonNode node, String key, String absent) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) return absent;
        if (!value.isTextual()) throw wrong(key, value, "a string");
        return value.textValue();
    }

    public BadInput wrong(String key, JsonNode value, String expected) {
        return BadInput.in(file, "\"" + key + "\" is " + value + ", not " + expected, "mend the configuration");
    }
}
