package io.retort.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.NormalForm;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WhiteSpaceTest {
    @Test
    void whatIsNotBlankHasANormalForm() {
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT).filter(c -> Character.getType(c) != Character.SURROGATE)
                .mapToObj(Character::toString).filter(text -> !WhiteSpace.isBlank(text))
                .forEach(text -> assertFalse(NormalForm.of(text).isEmpty(),
                        () -> Integer.toHexString(text.codePointAt(0))));
    }

    @Test
    void theClassOfExpressionsIsThePredicate() {
        Pattern pattern = Pattern.compile(WhiteSpace.CLASS);
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            assertEquals(WhiteSpace.is(c), pattern.matcher(Character.toString(c)).matches(), Integer.toHexString(c));
        }
    }

    @Test
    void spacesThatDoNotBreakAndSignsThatShowNothingAreBlank() {
        for (String text : new String[]{"", " \t", "\u00a0", "\u2007\u202f", "\u0085", "\ufeff", "\u200b\u200d",
            "\u3164",
            "\u3000", "\u2028", "\u00ad", "\ufe0f", "\u001f"}) {
            assertTrue(WhiteSpace.isBlank(text));
        }
        for (String text : new String[]{"a", "\u00a0.", "\u0301", "\ud83d\ude00", "\ufffd"}) {
            assertFalse(WhiteSpace.isBlank(text));
        }
    }

    @Test
    void textsAreStrippedCollapsedAndCountedByTheSameSpaces() {
        assertEquals("a\u00a0b", WhiteSpace.strip("\u0085\u00a0a\u00a0b\u202f\n"));
        assertEquals("a b c", WhiteSpace.collapse(" a\u00a0\u2007b\u0085c "));
        assertEquals(3, WhiteSpace.words("\u00a0a\u00a0b\u3000c"));
        assertEquals(0, WhiteSpace.words("\u2007"));
    }
}
