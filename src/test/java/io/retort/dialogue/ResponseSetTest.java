package io.retort.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ResponseSetTest {
    @Test
    void spellingsOfOneReplyAreOneEntryUnderTheFirstSpelling() {
        ResponseSet set = new ResponseSet();
        assertEquals(0, set.add("Hey there! I'm fine.", Origin.ORIGINAL));
        assertEquals(1, set.add("No way", Origin.GENERATED));
        assertEquals(0, set.add("hey  there ! i ’m fine .", Origin.GENERATED));
        assertEquals(List.of(new Reply("Hey there! I'm fine.", Origin.ORIGINAL, 2),
                new Reply("No way", Origin.GENERATED, 1)), set.replies());
        assertEquals(OptionalInt.of(1), set.placeOf("NO WAY"));
        assertEquals(OptionalInt.empty(), set.placeOf("some way"));
    }

    @Test
    void aGeneratedReplyThatAPersonGaveTooIsOriginal() {
        ResponseSet set = new ResponseSet();
        set.add("Sure thing", Origin.GENERATED);
        set.add("sure thing", Origin.ORIGINAL);
        assertEquals(new Reply("Sure thing", Origin.ORIGINAL, 2), set.get(0));
    }

    @Test
    void repliesThatMeanDifferentThingsStayApart() {
        assertNotEquals(NormalForm.of("Fine."), NormalForm.of("Fine!"));
        assertNotEquals(NormalForm.of("I'm in"), NormalForm.of("Im in"));
        assertNotEquals(NormalForm.of("no 😀"), NormalForm.of("no 😢"));
        assertNotEquals(NormalForm.of("a b"), NormalForm.of("ab"));
    }

    @Test
    void aReplyWithoutTextIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ResponseSet().add(" \u00a0", Origin.ORIGINAL));
    }

    @Property(tries = 500)
    void theNormalFormOfANormalFormIsItself(@ForAll String text) {
        String form = NormalForm.of(text);
        assertEquals(form, NormalForm.of(form));
    }
}
