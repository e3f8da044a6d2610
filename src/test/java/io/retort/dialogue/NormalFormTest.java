package io.retort.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The normal form of texts. */
class NormalFormTest {
    @Test
    void spellingsOfOneReplyHaveOneForm() {
        assertEquals("hey there!i'm fine.", NormalForm.of("Hey  there ! I 'm fine ."));
        assertEquals("hey there!i'm fine.", NormalForm.of("hey there! I’m fine."));
        assertEquals("", NormalForm.of(" \t\u001c\r\n"));
    }

    /** The way of ASCII is a short cut: a letter that is not ASCII behind a text makes it take the long one. */
    @Test
    void textsOfAsciiHaveTheFormThatAllTextsHave() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(12);
            for (int c = 0; c < length; c++) {
                text.append(random.nextInt(3) == 0 ? ' ' : (char) random.nextInt(128));
            }
            String form = NormalForm.of(text + "xé");
            String expected = form.substring(0, form.length() - 2);
            assertEquals(expected, NormalForm.of(text + "x").replaceAll("x$", ""), () -> "of " + text);
            assertEquals(expected.strip(), NormalForm.of(text.toString()).strip(), () -> "of " + text);
        }
    }
}
