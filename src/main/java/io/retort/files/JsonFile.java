package io.retort.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that is one JSON value: settings, configurations of models and tokenizers. It is read as Python's {@code json}
 * reads it, which wrote most of them: bare {@code NaN} and {@code Infinity} are numbers, and of a repeated key the last
 * counts. A byte order mark before it is passed over.
 */
public final class JsonFile {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_DIGITS = 100;
    private static final JsonMapper MAPPER = mapper();

    private JsonFile() {}

    private static JsonMapper mapper() {
        var limits = StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxNumberLength(MAX_NUMBER_DIGITS)
                .maxStringLength(Integer.MAX_VALUE).build();
        // Names come from the file: canonicalising or interning them would keep a hostile file's names for ever.
        JsonFactory factory = JsonFactory.builder().streamReadConstraints(limits)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();
        return JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    }

    /**
     * The value that a file holds.
     *
     * @param most bytes that it may have
     * @throws BadInput if there is no such file, it is larger, not UTF-8 or not JSON
     */
    public static JsonNode read(Path file, int most) throws IOException {
        return parse(file, InputFile.bytes(file, most));
    }

    /**
     * The value in the bytes of a file.
     *
     * @param file where they come from, for messages
     * @throws BadInput naming the line if they are not UTF-8 or not one JSON value
     */
    public static JsonNode parse(Path file, byte[] bytes) {
        String text = TextFile.decode(file, bytes);
        if (WhiteSpace.isBlank(text)) throw BadInput.in(file, "is empty", "it should hold JSON");
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            String column = e.getLocation() == null ? "" : " at column " + e.getLocation().getColumnNr();
            JsonFault fault = JsonFault.of(e, text);
            throw BadInput.atLine(file, line, "not valid JSON" + column + ": " + fault.problem(),
                    fault.remedy()).causedBy(e);
        }
    }
}
