package io.retort.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;

class RankingCasesTest {
    /** Thirty dialogues of three turns; every second one ends in a spelling of "Me too!". */
    private static final List<Dialogue> DIALOGUES = IntStream.range(0, 30).mapToObj(i -> new Dialogue("d" + i, "test",
            List.of(new Turn("A", "question " + i), new Turn("B", "answer " + i),
                    new Turn("A", i % 2 == 0 ? "Me too !" : i % 3 == 0 ? "me too!" : "ending " + i))))
            .toList();

    @Test
    void negativesComeFromOtherDialoguesAndAreNeverTheTrueReply() {
        List<RankingCase> cases = new RankingCases(Exchanges.standard(), 9, 1).of(DIALOGUES).toList();
        assertEquals(60, cases.size());
        for (RankingCase ranking : cases) {
            Set<String> forms = new HashSet<>(ranking.random().stream().map(NormalForm::of).toList());
            assertEquals(9, forms.size(), "negatives all differ");
            assertFalse(forms.contains(NormalForm.of(ranking.positive().getFirst())));
            String number = ranking.id().substring(1, ranking.id().indexOf('#'));
            assertFalse(forms.contains("answer " + number) || forms.contains("ending " + number), ranking.toString());
            assertTrue(ranking.context().turns().getFirst().equals("question " + number));
        }
    }

    @Test
    void theSeedDecidesTheDraw() {
        List<RankingCase> once = new RankingCases(Exchanges.standard(), 5, 1).of(DIALOGUES).toList();
        assertEquals(once, new RankingCases(Exchanges.standard(), 5, 1).of(DIALOGUES).toList());
        assertNotEquals(once, new RankingCases(Exchanges.standard(), 5, 2).of(DIALOGUES).toList());
    }

    @Test
    void askingForMoreNegativesThanThereAreIsRefused() {
        assertThrows(BadInput.class,
                () -> new RankingCases(Exchanges.standard(), 60, 1).of(DIALOGUES).toList());
        assertThrows(BadInput.class, () -> new RankingCases(Exchanges.standard(), 0, 1));
    }
}
