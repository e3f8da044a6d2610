package io.retort.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.retort.files.BadInput;
import io.retort.settings.InvalidSetting;

class ExchangesTest {
    private static final Dialogue DIALOGUE = new Dialogue("d", "test", List.of(new Turn("A", "Shall we go?"),
            new Turn("B", "Yes."), new Turn("B", "Let me find my coat."), new Turn("A", "It rains, I think.")));

    @Test
    void everyTurnButTheFirstIsAReplyToThoseBeforeIt() {
        List<Exchange> exchanges = Exchanges.standard().of(DIALOGUE).toList();
        assertEquals(List.of("Yes.", "Let me find my coat.", "It rains, I think."),
                exchanges.stream().map(Exchange::reply).toList());
        assertEquals(Context.of("Shall we go?", "Yes."), exchanges.get(1).context());
        assertEquals(new Exchange(Context.of("Shall we go?"), "Yes.", "d", 1), exchanges.getFirst());
    }

    @Test
    void historyKeepsTheNewestTurns() {
        List<Exchange> exchanges = Exchanges.standard().withHistory(2).of(DIALOGUE).toList();
        assertEquals(Context.of("Yes.", "Let me find my coat."), exchanges.getLast().context());
    }

    @Test
    void onlyTurnsOfTheNamedSpeakersAndOfEnoughWordsAreReplies() {
        Exchanges ofB = Exchanges.standard().withRepliesOf("B");
        assertEquals(List.of(1, 2), ofB.of(DIALOGUE).map(Exchange::turn).toList());
        List<Exchange> long3 = Exchanges.standard().withMinimumWords(3).of(DIALOGUE).toList();
        assertEquals(List.of(2, 3), long3.stream().map(Exchange::turn).toList());
        assertTrue(long3.getFirst().context().turns().contains("Yes."), "a short turn stays in contexts");
        assertEquals(1, Exchanges.standard().withMinimumWords(3).tooShort(DIALOGUE));
        assertEquals(0, Exchanges.standard().withRepliesOf("A").withMinimumWords(3).tooShort(DIALOGUE));
        assertEquals(3, Exchanges.standard().withMinimumWords(6).tooShort(DIALOGUE), "the first turn is no reply");
    }

    @Test
    void mergingJoinsTurnsOfOneSpeakerInARow() {
        Dialogue merged = DIALOGUE.merged();
        assertEquals(List.of(new Turn("A", "Shall we go?"), new Turn("B", "Yes. Let me find my coat."),
                new Turn("A", "It rains, I think.")), merged.turns());
        assertSame(merged, merged.merged());
    }

    @Test
    void tenThousandTurnsAreFine() {
        List<Turn> turns = IntStream.range(0, 10_000).mapToObj(i -> new Turn(i % 2 == 0 ? "A" : "B", "turn " + i))
                .toList();
        Dialogue dialogue = new Dialogue("long", "", turns);
        assertEquals(9_999, Exchanges.standard().of(dialogue).count());
        assertEquals(3_000, Exchanges.standard().withHistory(3_000).of(dialogue).skip(9_998).findFirst().orElseThrow()
                .context().turns().size());
        Context whole = new Context(turns.stream().map(Turn::text).toList());
        assertEquals(List.of("turn 9998", "turn 9999"), whole.latest(2).turns());
    }

    @Test
    void aContextOfZeroTurnsOrWithABlankOneIsRefused() {
        assertTrue(assertThrows(BadInput.class, () -> new Context(List.of())).getMessage().contains("zero turns"));
        assertThrows(BadInput.class, () -> Context.of("a", " "));
        assertThrows(BadInput.class, () -> Context.of("a").latest(0));
        assertThrows(InvalidSetting.class, () -> Exchanges.standard().withHistory(0));
    }
}
