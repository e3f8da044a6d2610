package io.retort.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.dialogue.Context;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The contexts that a reply answered as an index stores them: a JSON array of arrays of turns, no bytes where there are none. */
final class ReplyContexts {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectReader READER = JSON.readerFor(new TypeReference<List<List<String>>>() {});
    private static final byte[] NONE = {};

    private ReplyContexts() {}

    /** @throws IllegalArgumentException if a turn holds half a surrogate pair */
    static byte[] encode(List<Context> contexts) {
        if (contexts.isEmpty()) return NONE;
        try {
            // A new encoder reports half a surrogate pair, which Jackson's own would write as a question mark.
            var utf8 = StandardCharsets.UTF_8.newEncoder().encode(
                    CharBuffer.wrap(JSON.writeValueAsString(contexts.stream().map(Context::turns).toList())));
            return Arrays.copyOf(utf8.array(), utf8.limit());
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw new IllegalArgumentException("contexts " + contexts + " are no text", e);
        }
    }

    /** @throws IOException if it is anything but what {@link #encode} writes */
    static List<Context> decode(byte[] json) throws IOException {
        if (json.length == 0) return List.of();
        List<List<String>> contexts = READER.readValue(json);
        if (contexts == null) throw new IOException("null where an array belongs");
        try {
            return contexts.stream().map(Context::new).toList();
        } catch (RuntimeException e) { // a context of no turns, or of none at all
            throw new IOException(e);
        }
    }
}
