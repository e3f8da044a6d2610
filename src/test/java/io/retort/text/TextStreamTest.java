package io.retort.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class TextStreamTest {
    private static final Tokenizer TOKENIZER = BpeSample.TOKENIZER;

    @Example
    void onlyWholeCharactersComeOut() {
        TextStream stream = new TextStream(TOKENIZER);
        int[] ids = TOKENIZER.encode("a \ud83e\udd96 b");
        StringBuilder text = new StringBuilder();
        int silent = 0;
        for (int id : ids) {
            String whole = stream.add(id);
            assertFalse(whole.contains("\ufffd"));
            silent += whole.isEmpty() ? 1 : 0;
            text.append(whole);
        }
        assertEquals("a \ud83e\udd96 b", text.toString());
        assertTrue(silent > 0);
        assertEquals("", stream.rest());
    }

    @Example
    void aCutCharacterIsLeftAtTheEnd() {
        int[] ids = TOKENIZER.encode("a\ud83e\udd96");
        TextStream stream = new TextStream(TOKENIZER);
        assertEquals("a", stream.add(ids[0]));
        assertEquals("", stream.add(ids[1]));
        assertEquals("\ufffd", stream.rest());
    }

    @Property(tries = 500)
    void allThatComesOutIsTheDecodedText(@ForAll @IntRange(max = 658) int[] ids) {
        TextStream stream = new TextStream(TOKENIZER);
        StringBuilder text = new StringBuilder();
        Arrays.stream(ids).forEach(id -> text.append(stream.add(id)));
        assertEquals(TOKENIZER.decode(ids), text + stream.rest());
    }

    @Property(tries = 300)
    void aTextComesOutAsItWentIn(@ForAll String text) {
        String plain = text.codePoints().filter(c -> c != 0 && !(c >= 0xd800 && c <= 0xdfff))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        TextStream stream = new TextStream(TOKENIZER);
        StringBuilder out = new StringBuilder();
        Arrays.stream(TOKENIZER.encode(plain)).forEach(id -> out.append(stream.add(id)));
        assertEquals(plain, out + stream.rest());
    }
}
