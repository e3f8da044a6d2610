package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.WhiteSpace;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One pass over a text rules out nothing that those who look closely find. */
class TurnLookTest {
    private static final PersonalData PERSONAL = PersonalData.of(List.of(PersonalKind.values()), List.of());
    /** What texts are made of: words, what is looked for, its parts, and single characters. */
    private static final String[] PIECES = {"hello", "do", "Dot", "I", "kim", " ", "  ", "\t", "\n", "\u001c", ".", ",",
        "@", " dot ", " at ", "(at)", "www.", "u/", "://", "http://a.example/x", "kim@mail.example", "127.0.0.1",
        "+44 20 7946 0958", "4111 1111 1111 1111", "12", "3456", "user:", "Bot: ", "<br>", "&amp;", "\u0001", "\u007f",
        "HELLO", "ABCDEFG", "YW55IGNhcm5hbCBwbGVhc3VyZS4hISEhISEh0123", "é", "\u2019", "\ud83d\ude00", "\ufffd", "Ã©"};

    @Test
    void whatIsRuledOutIsNotFoundAndWordsAreCountedAlike() {
        Random random = new Random(5);
        int personal = 0, suspicious = 0, neither = 0;
        for (int i = 0; i < 10_000; i++) {
            StringBuilder made = new StringBuilder();
            for (int n = random.nextInt(8); n >= 0; n--) {
                made.append(PIECES[random.nextInt(PIECES.length)]);
                if (random.nextBoolean()) made.append(' ');
            }
            String text = made.toString();
            TurnLook look = TurnLook.at(text);
            assertEquals(WhiteSpace.words(text), look.words(), text);
            assertEquals(PERSONAL.find(text), PERSONAL.find(text, look), text);
            assertEquals(Suspicion.of(text, Set.of("kim")), Suspicion.of(text, Set.of("kim"), look), text);
            if (!PERSONAL.find(text).isEmpty()) personal++;
            if (!Suspicion.of(text, Set.of("kim")).isEmpty()) suspicious++;
            if (!look.mayBePersonal() && !look.mayBeSuspicious()) neither++;
        }
        assertTrue(personal > 500 && suspicious > 500 && neither > 100,
                personal + ", " + suspicious + " and " + neither);
    }

    @Test
    void longTextsWordsAndManyCapitalsAreLookedAt() {
        assertTrue(TurnLook.at("so ".repeat(Suspicion.LONG / 3 + 1)).mayBeSuspicious());
        assertTrue(TurnLook.at("a" + "b".repeat(40)).mayBeSuspicious());
        assertTrue(TurnLook.at("WHAT IS ALL OF THIS").mayBeSuspicious());
    }

    @Test
    void whatPeopleSayIsMostlyNotLookedAtTwice() {
        for (String text : List.of("I don't do that.", "Well, I said it on day 12, didn't I?",
                "Yes! \"No\" - maybe?")) {
            assertFalse(TurnLook.at(text).mayBePersonal(), text);
            assertFalse(TurnLook.at(text).mayBeSuspicious(), text);
        }
    }
}
