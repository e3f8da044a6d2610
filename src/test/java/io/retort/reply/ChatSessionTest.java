package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.search.ExactSearch;
import io.retort.search.ResponseIndex;
import io.retort.simd.Kernels;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatSessionTest {
    private static final int REPLIES = 12;

    @TempDir
    static Path folder;
    private static RetrievalModel model;
    private static ResponseIndex index;
    private static WorkerPool pool;
    private static Responder responder;

    @BeforeAll
    static void open() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("model"), 1);
        model = made.load(Engine.stock());
        index = ResponseIndex.open(TinyIndex.write(folder.resolve("i"), made, model, TinyIndex.replies(REPLIES)));
        pool = new WorkerPool(1);
        responder = ModelResponder.over(model, index, new ExactSearch(index, Kernels.best(), pool));
    }

    @AfterAll
    static void close() {
        model.close();
        index.close();
        pool.close();
    }

    @Test
    void nothingIsSaidTwiceUntilEverythingWasSaid() {
        ChatSession session = new ChatSession(responder, 1, 5);
        for (int round = 0; round < 3; round++) {
            Set<String> said = new HashSet<>();
            for (int i = 0; i < REPLIES; i++) assertTrue(said.add(session.answer("hello").text()), "round " + round);
        }
    }

    @Test
    void theContextIsTheNewestTurnsOfBothSides() {
        ChatSession session = new ChatSession(responder, 3, 5);
        String first = session.answer("hello").text();
        assertEquals(List.of("hello", first), session.context());
        String second = session.answer("tea").text();
        assertEquals(List.of(first, "tea", second), session.context());
        String third = session.answer("fish").text();
        assertEquals(List.of(second, "fish", third), session.context());
    }

    @Test
    void theModelReadsThePersonsTurnEvenWithAHistoryOfOne() {
        for (String turn : List.of("hello", "tea", "rain")) {
            ChatSession session = new ChatSession(responder, 1, 5);
            session.answer("dog");
            ChatSession fresh = new ChatSession(responder, 1, REPLIES);
            fresh.answer(turn);
            String expected = fresh.candidates().stream().map(RankedReply::text)
                    .filter(text -> !text.equals(session.context().getLast())).findFirst().orElseThrow();
            assertEquals(expected, session.answer(turn).text());
        }
    }

    @Test
    void candidatesBeginWithTheReplyThatWasGivenAndHoldNothingSaidBefore() {
        ChatSession session = new ChatSession(responder, 3, 5);
        assertEquals(List.of(), session.candidates());
        assertNull(session.times());
        RankedReply first = session.answer("hello");
        assertEquals(5, session.candidates().size());
        assertEquals(first, session.candidates().getFirst());
        RankedReply second = session.answer("hello");
        assertEquals(second, session.candidates().getFirst());
        assertTrue(session.candidates().stream().noneMatch(reply -> reply.row() == first.row()));
        assertTrue(session.times().total() > 0);
    }

    @Test
    void moreCandidatesThanRepliesAreAllOfThem() {
        ChatSession session = new ChatSession(responder, 3, 1000);
        session.answer("hello");
        assertEquals(REPLIES, session.candidates().size());
    }

    @Test
    void resetForgetsTurnsAndWhatWasSaid() {
        ChatSession session = new ChatSession(responder, 3, 5);
        RankedReply first = session.answer("hello");
        session.answer("hello");
        session.reset();
        assertEquals(List.of(), session.context());
        assertEquals(List.of(), session.candidates());
        assertEquals(first, session.answer("hello"));
    }

    @Test
    void aTurnThatIsRefusedLeavesTheSessionAsItWas() {
        ChatSession session = new ChatSession(responder, 3, 5);
        session.answer("hello");
        List<String> before = session.context();
        List<RankedReply> candidates = session.candidates();
        assertThrows(BadInput.class, () -> session.answer("  "));
        assertEquals(before, session.context());
        assertEquals(candidates, session.candidates());
    }

    @Test
    void aHistoryOfNothingIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ChatSession(responder, 0, 5));
    }

    private static ResponsePolicy policy(double floor) {
        return ResponsePolicy.none().withFixed(FixedAnswers.standard()).withMinScore(OptionalDouble.of(floor))
                .withFallbacks(List.of("one", "two"));
    }

    @Test
    void aReplyBelowTheFloorIsReplacedByTheFallbacksInTurn() {
        ChatSession session = responder.session(3, policy(1e9));
        ChatReply.Fallback first = (ChatReply.Fallback) session.reply("tea");
        assertEquals("one", first.text());
        assertEquals(session.candidates().getFirst(), first.instead().reply());
        assertEquals("two", session.reply("fish").text());
        assertEquals("one", session.reply("rain").text());
        assertEquals(List.of("two", "rain", "one"), session.context());
    }

    @Test
    void theFloorItselfIsHighEnough() {
        double best = responder.reply(Context.of("tea"), 1).best().score();
        ChatReply at = responder.session(3, policy(best)).reply("tea");
        assertEquals(responder.reply(Context.of("tea"), 1).text(), at.text());
        ChatReply above = responder.session(3, policy(Math.nextUp(best))).reply("tea");
        assertEquals("one", above.text());
    }

    @Test
    void aReplyThatWasNotSaidForItsScoreMayBeSaidLater() {
        ChatSession session = responder.session(1, policy(1e9));
        session.reply("tea");
        assertEquals(responder.reply(Context.of("tea"), 1).text(), session.answer("tea").text());
    }

    @Test
    void fixedAnswersComeFirstAndTheirVariantsInTurn() {
        ChatSession session = responder.session(3, policy(1e9));
        ChatReply.Fixed fixed = (ChatReply.Fixed) session.reply("Thank you!");
        assertEquals("thanks", fixed.name());
        assertEquals("thank you", fixed.phrasing());
        assertEquals(List.of(), session.candidates());
        assertTrue(!session.reply("thanks").text().equals(fixed.text()));
        assertEquals(fixed.text(), responder.session(3, policy(0)).reply("Thank you!").text());
    }

    @Test
    void aSessionWithoutAPolicySaysNothingOfItsOwn() {
        ChatReply reply = responder.session(3).reply("thanks");
        assertEquals(responder.reply(Context.of("thanks"), 1).text(), reply.text());
        assertTrue(reply instanceof ChatReply.Found);
    }
}
