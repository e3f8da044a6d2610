package io.retort.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import it.unimi.dsi.fastutil.longs.LongList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Reads the JSON of a safetensors header and checks its grammar, its types, and each tensor's offsets against its
 * shape. A reader serves once.
 */
final class SafetensorsHeaderReader {
    private static final String REMEDY = "the file is damaged or not safetensors: fetch or write it again";

    private final SequencedMap<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Path path;
    private final JsonInFile json;

    SafetensorsHeaderReader(Path path, byte[] json) {
        this.path = path;
        this.json = new JsonInFile(path, SafetensorsHeader.PREFIX, json, "the header", REMEDY);
    }

    SequencedMap<String, SafetensorsHeader.Entry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    void read() {
        json.read(this::readEntries);
    }

    private void readEntries() throws IOException {
        for (String name = json.nextKey(); name != null; name = json.nextKey()) {
            if (name.equals(SafetensorsHeader.METADATA)) readMetadata();
            else entries.put(name, entry(name));
        }
    }

    private void readMetadata() throws IOException {
        json.expect(JsonToken.START_OBJECT, json.parser().nextToken(), "metadata must be an object");
        for (String key = json.nextKey(); key != null; key = json.nextKey()) {
            metadata.put(key, json.nextString("metadata must be strings"));
        }
    }

    private SafetensorsHeader.Entry entry(String name) throws IOException {
        JsonParser parser = json.parser();
        json.expect(JsonToken.START_OBJECT, parser.nextToken(), "tensor " + Quoted.name(name) + " must be an object");
        ElementType type = null;
        LongList dims = null;
        LongList offsets = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "dtype" -> type = type(name);
                case "shape" -> dims = numbers(name, key);
                case "data_offsets" -> offsets = numbers(name, key);
                default -> parser.skipChildren();
            }
        }
        if (type == null || dims == null || offsets == null || offsets.size() != 2) {
            throw json.refusal("tensor " + Quoted.name(name) + " needs a dtype, a shape and two data_offsets");
        }
        return entry(new TensorInfo(name, type, shape(name, dims)), offsets.getLong(0), offsets.getLong(1));
    }

    /** Makes an entry after checks in an order that cannot overflow: both offsets are known not to be negative. */
    private SafetensorsHeader.Entry entry(TensorInfo info, long begin, long end) {
        long bytes;
        try {
            bytes = Math.multiplyExact(info.shape().size(), info.type().bytes());
        } catch (ArithmeticException e) {
            throw json.refusal("tensor " + Quoted.name(info.name()) + " is larger than any file").causedBy(e);
        }
        if (end - begin != bytes) {
            throw json.refusal("tensor " + Quoted.name(info.name()) + " is " + info.type() + info.shape() + ", " + bytes
                    + " bytes, but its data_offsets are " + begin + " and " + end);
        }
        return new SafetensorsHeader.Entry(info, begin, end);
    }

    private ElementType type(String name) throws IOException {
        JsonParser parser = json.parser();
        String dtype = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        for (ElementType type : ElementType.values()) {
            if (type.name().equals(dtype)) return type;
        }
        throw BadInput.atOffset(path, json.offset(), "tensor " + Quoted.name(name) + " has dtype " + Quoted.name(dtype),
                "supported are " + Arrays.toString(ElementType.values()));
    }

    private Shape shape(String name, LongList dims) {
        try {
            return TensorInfo.shapeOf(dims);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw json.refusal("tensor " + Quoted.name(name) + " has an impossible shape (" + e.getMessage() + ")")
                    .causedBy(e);
        }
    }

    /** Reads an array of whole numbers that are not negative. */
    private LongList numbers(String name, String key) throws IOException {
        JsonParser parser = json.parser();
        json.expect(JsonToken.START_ARRAY, parser.currentToken(),
                key + " of " + Quoted.name(name) + " must be an array");
        var numbers = new LongArrayList(4);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            json.expect(JsonToken.VALUE_NUMBER_INT, parser.currentToken(), "whole numbers needed in " + key);
            long number = parser.getLongValue();
            if (number < 0) throw json.refusal(key + " of " + Quoted.name(name) + " has a negative number");
            if (numbers.size() == TensorInfo.HIGHEST_RANK)
                throw json.refusal(key + " of " + Quoted.name(name) + " is too long");
            numbers.add(number);
        }
        return numbers;
    }
}
