package io.retort.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.files.WhiteSpace;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The normal form of texts. */
class NormalFormTest {
    @Test
    void spellingsOfOneReplyHaveOneForm() {
        assertEquals("hey there!i'm fine.", NormalForm.of("Hey  there ! I 'm fine ."));
        assertEquals("hey there!i'm fine.", NormalForm.of("hey there! I’m fine."));
        assertEquals("", NormalForm.of(" \t\u001c\r\n"));
        assertEquals("a\ud800\udd02b", NormalForm.of("a \ud800\udd02 b"), "punctuation beyond U+FFFF");
    }

    /** The way of plain texts is a short cut: a letter that is not plain behind a text makes it take the long one. */
    @Test
    void plainTextsHaveTheFormThatAllTextsHave() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(12);
            for (int c = 0; c < length; c++) {
                text.append(random.nextInt(3) == 0
                        ? ' '
                        : random.nextInt(6) == 0
                                ? (char) (0x2018 + random.nextInt(8))
                                : random.nextInt(6) == 0
                                        ? (char) (0xc0 + random.nextInt(64))
                                        : (char) random.nextInt(128));
            }
            String form = NormalForm.of(text + "xч");
            String expected = form.substring(0, form.length() - 2);
            assertEquals(expected, NormalForm.of(text + "x").replaceAll("x$", ""), () -> "of " + text);
            assertEquals(expected.strip(), NormalForm.of(text.toString()).strip(), () -> "of " + text);
        }
    }

    /** What the class says of itself, in regular expressions, one after the other. */
    @Test
    void allTextsHaveTheFormThatIsDefined() {
        Random random = new Random(2);
        int[][] ranges = {{0, 0x80}, {0x80, 0x250}, {0x300, 0x600}, {0x2000, 0x2070}, {0x3000, 0x3040},
            {0xff00, 0xfff0}, {0x1f600, 0x1f640}};
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(12); c > 0; c--) {
                int[] range = ranges[random.nextInt(ranges.length)];
                text.appendCodePoint(random.nextInt(3) == 0 ? ' ' : random.nextInt(range[0], range[1]));
            }
            String form = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
            form = Normalizer.normalize(form, Normalizer.Form.NFKC);
            form = form.replaceAll("[\u2018\u2019\u201a\u201b\u02bc]", "'");
            form = form.replaceAll("[\u201c\u201d\u201e\u201f]", "\"");
            form = form.replaceAll(WhiteSpace.CLASS + "+", " ").strip();
            form = form.replaceAll(" (?=\\p{P})|(?<=\\p{P}) ", "");
            assertEquals(form, NormalForm.of(text.toString()), () -> "of " + text);
        }
    }
}
