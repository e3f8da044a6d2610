package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Replies that come often, or nearly so, are known to. */
class ReplyRepetitionTest {
    private final ReplyRepetition replies = new ReplyRepetition();

    @Test
    void spellingsOfOneReplyAreCountedTogether() {
        assertEquals(1, replies.add("Fine, thanks!").times());
        assertEquals(2, replies.add("fine , THANKS!").times());
        assertEquals(1, replies.add("fine, thanks?").times());
        assertEquals(1, replies.repeated());
        assertEquals(3, replies.replies());
        assertTrue(replies.isExact());
    }

    @Test
    void repliesThatDifferInANumberOrAWordAreNearlyTheSame() {
        replies.add("Thanks for contacting us! Your ticket is 4711 and we will answer within two days.");
        assertEquals(2, replies.add("Thanks for contacting us! Your ticket is 815 and we will answer within two days.")
                .similar());
        ReplyRepetition.Times third = replies
                .add("Thanks for contacting us. Your ticket is 9 and we will reply within two days!");
        assertEquals(1, third.times());
        assertEquals(1, replies.add("We are closed today because of the snow, please come back on Monday.").similar());
        assertTrue(replies.nearlyRepeated() >= 1);
    }

    @Test
    void shortRepliesThatShareWordsAreDifferent() {
        replies.add("yes please");
        assertEquals(1, replies.add("no please").similar());
        replies.add("I do like tea");
        assertEquals(1, replies.add("I do like dogs").similar());
    }

    @Test
    void pairsAboveTheThresholdAreFoundAndPairsBelowItAreNot() {
        Random random = new Random(5);
        int found = 0, wrong = 0;
        for (int i = 0; i < 500; i++) {
            List<String> words = new ArrayList<>();
            for (int w = 0; w < 30; w++)
                words.add("w" + Integer.toString(random.nextInt(36 * 36 * 36), 36).replaceAll("\\d", "x"));
            replies.add(String.join(" ", words));
            List<String> near = new ArrayList<>(words), far = new ArrayList<>(words);
            near.set(29, "changed");
            for (int w = 0; w < 12; w++) far.set(2 * w, "other" + (char) ('a' + w));
            if (replies.add(String.join(" ", near)).similar() > 1) found++;
            if (replies.add(String.join(" ", far)).similar() > 1) wrong++;
        }
        assertTrue(found >= 495, found + " of 500");
        assertEquals(0, wrong);
    }

    @Test
    void memoryIsBoundedAndWhatComesOftenIsRemembered() {
        ReplyRepetition small = new ReplyRepetition(1000, 0.8);
        int often = 0, oftenNear = 0;
        for (int i = 0; i < 50_000; i++) {
            ReplyRepetition.Times once = small.add("reply alpha%d beta%d gamma%d delta%d".formatted(i, i, i, i)
                    .replaceAll("(\\d)", "q$1")
                    .replaceAll("\\d", Character.toString((char) ('a' + i % 26)) + (char) ('a' + i / 26 % 26)
                            + (char) ('a' + i / 676 % 26) + (char) ('a' + i / 17576)));
            assertTrue(once.times() <= 1, "a count that is too high");
            if (i % 20 == 0) {
                often = small.add("hello there").times();
                oftenNear = small.add("we answer within " + i + " working days, thank you").similar();
            }
        }
        assertFalse(small.isExact());
        assertTrue(often > 2400, often + "");
        assertTrue(oftenNear > 20, oftenNear + "");
    }

    @Test
    void theSameOrderGivesTheSameAnswers() {
        ReplyRepetition one = new ReplyRepetition(100, 0.8), other = new ReplyRepetition(100, 0.8);
        Random random = new Random(3);
        for (int i = 0; i < 3000; i++) {
            String text = "this reply speaks of " + (char) ('a' + random.nextInt(26)) + " and "
                    + (char) ('a' + random.nextInt(26));
            assertEquals(one.add(text), other.add(text));
        }
        assertEquals(one.nearlyRepeated(), other.nearlyRepeated());
    }

    @Test
    void boundsAreNamedOnceTheyAreReached() {
        ReplyRepetition repetition = new ReplyRepetition(16, 0.8);
        for (int i = 0; i < 16; i++) repetition.add("reply number " + "x".repeat(i) + " of a few");
        assertEquals(java.util.List.of(), repetition.bounds());
        for (int i = 16; i < 40; i++) repetition.add("reply number " + "x".repeat(i) + " of a few");
        assertEquals(java.util.List.of("16 different replies", "16 replies to be near to"), repetition.bounds());
    }
}
