package io.retort.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The JSON object that may go with a reply, as an index stores it: UTF-8 without spaces, no bytes for none. */
final class ReplyMetadata {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectReader READER = JSON.readerFor(new TypeReference<Map<String, Object>>() {});
    private static final byte[] NONE = {};

    private ReplyMetadata() {}

    /**
     * Encodes metadata.
     *
     * @param metadata texts, finite numbers, truth values, nulls, lists and maps of these
     * @throws IllegalArgumentException if it holds anything that JSON cannot say
     */
    static byte[] encode(Optional<Map<String, Object>> metadata) {
        if (metadata.isEmpty()) return NONE;
        requireFinite(metadata.get());
        try {
            // A new encoder reports half a surrogate pair, which Jackson's own would write as a question mark.
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder()
                    .encode(CharBuffer.wrap(JSON.writeValueAsString(metadata.get())));
            return Arrays.copyOf(utf8.array(), utf8.limit());
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw new IllegalArgumentException("metadata " + metadata.get() + " is no JSON object", e);
        }
    }

    private static void requireFinite(Object value) {
        switch (value) {
            case Map<?, ?> map -> map.values().forEach(ReplyMetadata::requireFinite);
            case List<?> list -> list.forEach(ReplyMetadata::requireFinite);
            case Double number when !Double.isFinite(number) -> throw notFinite(number);
            case Float number when !Float.isFinite(number) -> throw notFinite(number);
            case null, default -> {
                // Whether it is JSON at all is for the writer to say.
            }
        }
    }

    private static IllegalArgumentException notFinite(Number number) {
        return new IllegalArgumentException("metadata holds the number " + number + ", which JSON cannot say");
    }

    /**
     * Decodes what {@link #encode} wrote.
     *
     * @throws IOException if it is anything but one JSON object
     */
    static Optional<Map<String, Object>> decode(byte[] json) throws IOException {
        if (json.length == 0) return Optional.empty();
        Map<String, Object> metadata = READER.readValue(json);
        if (metadata == null) throw new IOException("null where an object belongs");
        return Optional.of(metadata);
    }
}
