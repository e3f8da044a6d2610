package io.retort.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses the JSON object in a weight file strictly: UTF-8, no key twice, no deep nesting, nothing after it. Complaints
 * name the byte of the file. To be used by one thread.
 */
final class JsonInFile {
    /** Reads the object's content: it is called at the start of the object and must read to its end. */
    interface Content {
        void read() throws IOException;
    }

    private static final int DEEPEST = 16;
    private static final Pattern TWICE = Pattern.compile("Duplicate (?:field|Object property) ['\"](.*)['\"]");
    // Names are not pooled: a pool of hostile names is a slow one.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST)
                    .maxStringLength(SafetensorsHeader.LONGEST).build())
            .build();

    private final Path path;
    private final long start;
    private final String what;
    private final String remedy;
    private final String text;
    private JsonParser parser;

    /**
     * Prepares to parse bytes that were read from a file.
     *
     * @param start where the JSON starts in the file, in bytes
     * @param what what it is, for messages: {@code the header}
     * @throws BadInput if it is not UTF-8 or no object
     */
    JsonInFile(Path path, long start, byte[] json, String what, String remedy) {
        this.path = path;
        this.start = start;
        this.what = what;
        this.remedy = remedy;
        try {
            this.text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw BadInput.atOffset(path, start, what + " is not UTF-8", remedy).causedBy(e);
        }
    }

    /**
     * Reads the object, which must start with the first byte.
     *
     * @throws BadInput if it is not valid JSON, or something follows it
     */
    void read(Content content) {
        if (!text.startsWith("{")) throw BadInput.atOffset(path, start, "no JSON object", remedy);
        try (JsonParser opened = JSON.createParser(text)) {
            parser = opened;
            parser.nextToken();
            content.read();
            if (parser.nextToken() != null) throw refusal("something follows the JSON object of " + what);
        } catch (IOException e) {
            throw refusal(what + " is not valid JSON" + reason(e)).causedBy(e);
        }
    }

    JsonParser parser() {
        return parser;
    }

    /** Moves to the next key of the present object and returns it; null at the object's end. */
    String nextKey() throws IOException {
        return parser.nextToken() == JsonToken.FIELD_NAME ? encodable(parser.currentName()) : null;
    }

    /** Returns the string that is the value of the present key. */
    String nextString(String rule) throws IOException {
        expect(JsonToken.VALUE_STRING, parser.nextToken(), rule);
        return encodable(parser.getText());
    }

    void expect(JsonToken wanted, JsonToken found, String rule) {
        if (found != wanted) throw refusal(rule);
    }

    /** Refuses a string with half of a surrogate pair, which escapes can spell and no UTF-8 file could hold. */
    private String encodable(String string) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(string)) throw refusal("half a surrogate pair in a string");
        return string;
    }

    BadInput refusal(String problem) {
        return BadInput.atOffset(path, offset(), problem, remedy);
    }

    /** Returns where the parser is, in bytes from the start of the file. */
    long offset() {
        long chars = Math.clamp(parser.currentLocation().getCharOffset(), 0, text.length());
        return start + text.substring(0, (int) chars).getBytes(StandardCharsets.UTF_8).length;
    }

    /** Returns what the parser found wrong, where a user can make something of it; its advice is for programmers. */
    private static String reason(IOException e) {
        if (!(e instanceof JsonProcessingException json)) return "";
        String message = json.getOriginalMessage().lines().findFirst().orElse("");
        Matcher twice = TWICE.matcher(message);
        if (twice.lookingAt()) return " (Duplicate field " + Quoted.name(twice.group(1)) + ")";
        if (message.startsWith("Unexpected end-of-input")) return " (it ends too early)";
        if (message.contains("nesting depth")) return " (its nesting depth is too great)";
        return "";
    }
}
