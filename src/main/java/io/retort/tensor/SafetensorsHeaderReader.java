package io.retort.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import it.unimi.dsi.fastutil.longs.LongList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Reads the JSON of a safetensors header, once: grammar, types, and each tensor's offsets against its shape. */
final class SafetensorsHeaderReader {
    private static final String REMEDY = "the file is damaged or not safetensors: fetch or write it again";
    private static final int DEEPEST = 16;
    // Names are not pooled: a pool of hostile names is a slow one.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST)
                    .maxStringLength(SafetensorsHeader.LONGEST).build())
            .build();

    private final SequencedMap<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Path path;
    private final byte[] json;
    private String text;
    private JsonParser parser;

    SafetensorsHeaderReader(Path path, byte[] json) {
        this.path = path;
        this.json = json;
    }

    SequencedMap<String, SafetensorsHeader.Entry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    void read() {
        text = decoded();
        if (!text.startsWith("{")) throw BadInput.atOffset(path, SafetensorsHeader.PREFIX, "no JSON object", REMEDY);
        try (JsonParser opened = JSON.createParser(text)) {
            parser = opened;
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = encodable(parser.currentName());
                if (name.equals(SafetensorsHeader.METADATA)) readMetadata();
                else entries.put(name, entry(name));
            }
            if (parser.nextToken() != null) throw refusal("something follows the header's JSON object");
        } catch (IOException e) {
            throw refusal("the header is not valid JSON (" + firstLine(e) + ")").causedBy(e);
        }
    }

    private String decoded() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw BadInput.atOffset(path, SafetensorsHeader.PREFIX, "the header is not UTF-8", REMEDY).causedBy(e);
        }
    }

    private void readMetadata() throws IOException {
        expect(JsonToken.START_OBJECT, parser.nextToken(), "metadata must be an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = encodable(parser.currentName());
            expect(JsonToken.VALUE_STRING, parser.nextToken(), "metadata must be strings");
            metadata.put(key, encodable(parser.getText()));
        }
    }

    private SafetensorsHeader.Entry entry(String name) throws IOException {
        expect(JsonToken.START_OBJECT, parser.nextToken(), "tensor " + Quoted.name(name) + " must be an object");
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
            throw refusal("tensor " + Quoted.name(name) + " needs a dtype, a shape and two data_offsets");
        }
        return entry(new TensorInfo(name, type, shape(name, dims)), offsets.getLong(0), offsets.getLong(1));
    }

    /** Checked in an order that cannot overflow: both offsets are known not to be negative. */
    private SafetensorsHeader.Entry entry(TensorInfo info, long begin, long end) {
        long bytes;
        try {
            bytes = Math.multiplyExact(info.shape().size(), info.type().bytes());
        } catch (ArithmeticException e) {
            throw refusal("tensor " + Quoted.name(info.name()) + " is larger than any file").causedBy(e);
        }
        if (end - begin != bytes) {
            throw refusal("tensor " + Quoted.name(info.name()) + " is " + info.type() + info.shape() + ", " + bytes
                    + " bytes, but its data_offsets are " + begin + " and " + end);
        }
        return new SafetensorsHeader.Entry(info, begin, end);
    }

    private ElementType type(String name) throws IOException {
        String dtype = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        for (ElementType type : ElementType.values()) {
            if (type.name().equals(dtype)) return type;
        }
        throw BadInput.atOffset(path, offset(), "tensor " + Quoted.name(name) + " has dtype " + Quoted.name(dtype),
                "supported are " + Arrays.toString(ElementType.values()));
    }

    private Shape shape(String name, LongList dims) {
        try {
            return TensorInfo.shapeOf(dims);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw refusal("tensor " + Quoted.name(name) + " has an impossible shape (" + e.getMessage() + ")")
                    .causedBy(e);
        }
    }

    /** An array of whole numbers from 0. */
    private LongList numbers(String name, String key) throws IOException {
        expect(JsonToken.START_ARRAY, parser.currentToken(), key + " of " + Quoted.name(name) + " must be an array");
        var numbers = new LongArrayList(4);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(JsonToken.VALUE_NUMBER_INT, parser.currentToken(), "whole numbers needed in " + key);
            long number = parser.getLongValue();
            if (number < 0) throw refusal(key + " of " + Quoted.name(name) + " has a negative number");
            if (numbers.size() == TensorInfo.HIGHEST_RANK)
                throw refusal(key + " of " + Quoted.name(name) + " is too long");
            numbers.add(number);
        }
        return numbers;
    }

    private void expect(JsonToken wanted, JsonToken found, String rule) {
        if (found != wanted) throw refusal(rule);
    }

    /** Escapes can spell half a character, which no file could hold. */
    private String encodable(String string) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(string)) throw refusal("half a surrogate pair in a string");
        return string;
    }

    private BadInput refusal(String problem) {
        return BadInput.atOffset(path, offset(), problem, REMEDY);
    }

    /** Where the parser is, in bytes of the file. */
    private long offset() {
        long chars = Math.clamp(parser.currentLocation().getCharOffset(), 0, text.length());
        return SafetensorsHeader.PREFIX + text.substring(0, (int) chars).getBytes(StandardCharsets.UTF_8).length;
    }

    private static String firstLine(IOException e) {
        return e instanceof com.fasterxml.jackson.core.JsonProcessingException json
                ? json.getOriginalMessage().lines().findFirst().orElse("")
                : e.getMessage();
    }
}
