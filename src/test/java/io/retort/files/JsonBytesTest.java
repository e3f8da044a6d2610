package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Strings are written as the library of JSON writes them, byte by byte. */
class JsonBytesTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    private static void agree(String text) throws JsonProcessingException {
        JsonBytes direct = new JsonBytes();
        direct.string(text);
        assertEquals(new String(MAPPER.writeValueAsBytes(text), StandardCharsets.UTF_8), direct.toString());
    }

    @Example
    void everyCharacterAtEveryPlaceOfAWord() throws JsonProcessingException {
        for (int c = 0; c < 0x11000; c += c < 0x1000 ? 1 : 37) {
            if (Character.isBmpCodePoint(c) && Character.isSurrogate((char) c)) continue;
            for (int at = 0; at < (c < 0x100 ? 17 : 2); at++) {
                agree("a".repeat(at) + Character.toString(c) + "?");
            }
        }
    }

    @Property(tries = 500)
    void anyText(@ForAll String text) throws JsonProcessingException {
        boolean isWellFormed = StandardCharsets.UTF_8.newEncoder().canEncode(text);
        if (isWellFormed) agree(text);
        else assertThrows(IllegalArgumentException.class, () -> new JsonBytes().string(text));
    }

    @Example
    void halvesOfPairsAreRefusedAndPairsAreNot() throws JsonProcessingException {
        for (int at = 0; at < 17; at++) agree("a".repeat(at) + "\ud83d\ude00? \udbff\udfff yes");
        agree("\\\"".repeat(5000));
        for (String half : new String[]{"a\ud83d", "\ude00b", "\ude00\ud83d"}) {
            assertThrows(IllegalArgumentException.class, () -> new JsonBytes().string(half), half);
        }
    }
}
