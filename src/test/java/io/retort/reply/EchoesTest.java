package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.graph.ComputeRuntime;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A turn of the context is never given back as a reply. */
class EchoesTest {
    /** Replies of which many are spellings of the same two turns. */
    private static final List<String> REPLIES = new ArrayList<>(TinyIndex.replies(40));

    static {
        for (String mark : List.of(".", "!", "?", "...", "?!", "!!", " -", ";")) {
            REPLIES.add("tea and bread" + mark);
            REPLIES.add("Good, home" + mark);
        }
    }

    private static final List<Context> CONTEXTS = List.of(Context.of("Tea and bread"), Context.of("good home", "cat"),
            Context.of("TEA  and, bread", "good home!", "dog"), Context.of("words nobody knows"));
    private static ComputeRuntime runtime;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2));
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    static Stream<ResponderTest.Maker> models() {
        return Stream.of(TinyModel::biEncoder, TinyModel::polyEncoder);
    }

    private ModelResponder responder(ModelFolder made, List<String> replies, boolean echoes) throws IOException {
        Path index = folder.resolve("index");
        try (RetrievalModel model = made.load(runtime.engine())) {
            TinyIndex.write(index, made, model, replies);
        }
        return ModelResponder.open(runtime, made, index, ResponderSettings.defaults().withEchoes(echoes));
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsFoundIsTheWholeRankingWithoutTheTurnsOfTheContext(ResponderTest.Maker maker) throws IOException {
        ModelFolder made = maker.write(folder.resolve("m"), 1);
        BitSet even = new BitSet();
        for (int row = 0; row < REPLIES.size(); row += 2) even.set(row);
        try (ModelResponder all = responder(made, REPLIES, true); ModelResponder own = responder(made, REPLIES, false)) {
            for (BitSet allowed : new BitSet[]{null, even}) {
                List<List<RankedReply>> expected = new ArrayList<>();
                for (Context context : CONTEXTS) {
                    Echoes echoes = Echoes.of(context);
                    expected.add(all.reply(context, REPLIES.size(), allowed).ranked().stream()
                            .filter(reply -> !echoes.has(reply.text())).toList());
                }
                for (int k : new int[]{1, 3, REPLIES.size()}) {
                    List<RankedReplies> together = own.replyToAll(CONTEXTS, k, allowed);
                    for (int i = 0; i < CONTEXTS.size(); i++) {
                        List<Integer> rows = expected.get(i).stream().limit(k).map(RankedReply::row).toList();
                        RankedReplies alone = own.reply(CONTEXTS.get(i), k, allowed);
                        assertEquals(rows, alone.ranked().stream().map(RankedReply::row).toList());
                        assertEquals(rows, together.get(i).ranked().stream().map(RankedReply::row).toList());
                        for (int rank = 0; rank < rows.size(); rank++) {
                            assertEquals(rank + 1, alone.ranked().get(rank).rank());
                        }
                    }
                }
            }
        }
    }

    @Test
    void whatWasPassedOverIsToldWithItsScore() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("m"), 1);
        List<String> replies = List.of("tea.", "Tea!", "dog", "cat");
        try (ModelResponder all = responder(made, replies, true); ModelResponder own = responder(made, replies, false)) {
            RankedReplies found = own.reply(Context.of("tea"), 2);
            assertEquals(List.of(), all.reply(Context.of("tea"), 2).echoes());
            List<RankedReply> whole = all.reply(Context.of("tea"), 4).ranked();
            for (RankedReply echo : found.echoes()) {
                assertTrue(echo.text().equalsIgnoreCase("tea.") || echo.text().equalsIgnoreCase("tea!"));
                assertTrue(whole.stream().anyMatch(each -> each.row() == echo.row() && each.score() == echo.score()));
            }
            long before = whole.stream().takeWhile(each -> !each.text().equals(found.ranked().get(1).text()))
                    .filter(each -> each.text().matches("(?i)tea.")).count();
            assertEquals(before, found.echoes().size());
        }
    }

    @Test
    void anIndexOfEchoesAloneGivesNoReplyAndASessionSaysSo() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("m"), 1);
        try (ModelResponder own = responder(made, List.of("tea", "Tea."), false)) {
            assertEquals(List.of(), own.reply(Context.of("TEA"), 2).ranked());
            assertThrows(NoSuchElementException.class, () -> own.reply("tea").text());
            ChatSession session = own.session();
            assertThrows(BadInput.class, () -> session.answer("tea"));
            assertEquals(List.of(), session.context());
        }
    }

    @Test
    void aSessionNeverGivesBackItsContext() throws IOException {
        ModelFolder made = TinyModel.biEncoder(folder.resolve("m"), 3);
        try (ModelResponder own = responder(made, REPLIES, false)) {
            ChatSession session = own.session(3);
            for (int i = 0; i < 3 * REPLIES.size(); i++) {
                String turn = REPLIES.get(i * 7 % REPLIES.size());
                List<String> context = new ArrayList<>(session.context());
                context.add(turn);
                Context read = new Context(context).latest(3);
                String reply = session.answer(turn).text();
                assertFalse(Echoes.of(read).has(reply), read + " -> " + reply);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Iron please.", "iron,  please", "IRON please?!", "\u201cIron please\u201d", "Iron\u00a0please"})
    void spellingsOfATurnAreEchoes(String reply) {
        assertTrue(Echoes.of(Context.of("what would you like?", "Iron please")).has(reply));
    }

    @Test
    void otherWordsAndOtherMarksAreNoEchoes() {
        Echoes echoes = Echoes.of(Context.of("Iron please", "...", "don't"));
        for (String reply : List.of("Iron, please, and coal", "Iron", "?", "Ironplease")) assertFalse(echoes.has(reply));
        assertTrue(echoes.has("...") && echoes.has("Don\u2019t!") && echoes.has("\u2026"));
        assertFalse(Echoes.NONE.has(""));
    }
}
