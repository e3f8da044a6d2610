package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.safety.SafetyCategory;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetySettings;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScreenedResponderTest {
    private static final SafetyScreen SCREEN = SafetyScreen.of(SafetySettings.defaults());

    /** Finds its replies in their order, whatever the context. */
    private record InOrder(List<String> replies) implements Responder {
        @Override
        public int size() {
            return replies.size();
        }

        @Override
        public String text(int row) {
            return replies.get(row);
        }

        @Override
        public Optional<Map<String, Object>> metadata(int row) {
            return Optional.empty();
        }

        @Override
        public RankedReplies reply(Context context, int k, BitSet allowed) {
            if (k < 1 || k > size()) throw new IllegalArgumentException("k is " + k);
            List<RankedReply> ranked = new ArrayList<>();
            for (int row = 0; row < size() && ranked.size() < k; row++) {
                if (allowed == null || allowed.get(row)) {
                    ranked.add(new RankedReply(ranked.size() + 1, row, size() - row, text(row)));
                }
            }
            return new RankedReplies(ranked, 1, new RankedReplies.StageTimes(0, 0, 0));
        }

        @Override
        public List<RankedReplies> replyToAll(List<Context> contexts, int k, BitSet allowed) {
            return contexts.stream().map(context -> reply(context, k, allowed)).toList();
        }

        @Override
        public ChatSession session() {
            return session(3);
        }

        @Override
        public void close() {}
    }

    private static Responder mixed(int stopped) {
        List<String> replies = new ArrayList<>();
        for (int i = 0; i < stopped; i++) replies.add("you stupid bot number " + i);
        replies.addAll(List.of("tea", "bread", "rain"));
        return new InOrder(replies);
    }

    @Test
    void theBestRepliesThatPassAreGivenHoweverManyAreStopped() {
        for (int stopped : new int[]{0, 1, 4, 5, 40}) {
            ScreenedResponder screened = ScreenedResponder.over(mixed(stopped), SCREEN);
            RankedReplies found = screened.reply(Context.of("hello"), 2);
            assertEquals(List.of("tea", "bread"), found.ranked().stream().map(RankedReply::text).toList());
            assertEquals(List.of(1, 2), found.ranked().stream().map(RankedReply::rank).toList());
            assertEquals(stopped, found.withheld().size());
            assertEquals(stopped, screened.withheld());
            assertEquals(found.ranked(), screened.replyToAll(List.of(Context.of("hello")), 2).getFirst().ranked());
        }
    }

    @Test
    void whereNothingPassesNothingIsGiven() {
        ScreenedResponder screened = ScreenedResponder.over(new InOrder(List.of("fuck you", "you idiot")), SCREEN);
        assertEquals(List.of(), screened.reply(Context.of("hello"), 1).ranked());
        assertFalse(screened.passes(0));
        assertThrows(IllegalArgumentException.class, () -> screened.reply(Context.of("hello"), 3));
    }

    @Test
    void aSessionGuardsWhatIsSaidAndKeepsItOutOfTheContext() {
        ChatSession session = mixed(1).session(3, ResponsePolicy.none().withSafety(SCREEN));
        ChatReply.Guarded crisis = (ChatReply.Guarded) session.reply("I want to kill myself");
        assertEquals(Optional.of(SafetyCategory.CRISIS), crisis.verdict().category());
        assertEquals(SCREEN.settings().crisis().getFirst(), crisis.text());
        assertEquals(List.of(), session.context());
        assertEquals("tea", session.reply("hello there").text());
        assertEquals(1, session.withheld().size());
        assertEquals(List.of("hello there", "tea"), session.context());
    }

    @Test
    void aSessionPassesOverWhatContradictsIt() {
        Responder responder = new InOrder(List.of("I have a dog.", "I have no pets.", "I like rain."));
        ChatSession session = responder.session(3, ResponsePolicy.none().withConsistent(true));
        assertEquals("I have a dog.", session.reply("hello").text());
        assertEquals("I like rain.", session.reply("and then").text());
        assertEquals(List.of("I have no pets."),
                session.passedOver().stream().map(each -> each.reply().text()).toList());
        assertTrue(session.passedOver().getFirst().reason().contains("I have a dog"));
    }

    @Test
    void theLanguagesOfRepliesAreThoseOfAFairShareOfThem() {
        List<String> replies = new ArrayList<>();
        for (int i = 0; i < 40; i++) replies.add("I would like to have a cup of tea with you " + i);
        replies.add("Ich m\u00f6chte heute nicht in die Schule gehen");
        assertEquals(Set.of("en"), ReplyLanguages.of(new InOrder(replies)));
        assertEquals(Set.of(), ReplyLanguages.of(new InOrder(List.of("tea"))));
    }
}
