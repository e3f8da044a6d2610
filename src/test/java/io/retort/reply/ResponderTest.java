package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.fetch.DefaultModel;
import io.retort.files.BadInput;
import io.retort.files.Progress;
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
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResponderTest {
    private static final List<String> REPLIES = TinyIndex.replies(60);
    private static final List<Context> CONTEXTS = List.of(Context.of("hello"),
            Context.of("i love tea", "he is not good"),
            Context.of("words nobody knows"), Context.of("dog", "cat", "dog", "cat", "dog", "cat", "dog"));

    @TempDir
    Path folder;

    /** How a kind of tiny model is written. */
    interface Maker {
        ModelFolder write(Path target, long seed) throws IOException;
    }

    static Stream<Maker> models() {
        return Stream.of(TinyModel::biEncoder, TinyModel::polyEncoder);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theRankingIsThatOfScoringEveryReply(Maker maker) throws IOException {
        withResponder(maker.write(folder.resolve("m"), 1), REPLIES, open -> {
            float[][] vectors = open.model().encodeReplies(REPLIES, Progress.NONE);
            for (Context context : CONTEXTS) {
                float[] scores = open.model().score(context, vectors);
                List<Integer> expected = byScore(scores, IntStream.range(0, scores.length).boxed());
                List<RankedReply> ranked = open.responder().reply(context, REPLIES.size()).ranked();
                assertEquals(expected, ranked.stream().map(RankedReply::row).toList(), context.toString());
                for (int i = 0; i < ranked.size(); i++) {
                    assertEquals(i + 1, ranked.get(i).rank());
                    assertEquals(REPLIES.get(ranked.get(i).row()), ranked.get(i).text());
                    assertEquals(scores[ranked.get(i).row()], ranked.get(i).score(), 1e-4 * Math.abs(scores[i]) + 1e-4);
                }
                assertEquals(ranked.subList(0, 7), open.responder().reply(context, 7).ranked());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void aFilterLeavesOutRowsAndMayLeaveFewerThanK(Maker maker) throws IOException {
        withResponder(maker.write(folder.resolve("m"), 2), REPLIES, open -> {
            List<RankedReply> all = open.responder().reply(CONTEXTS.get(1), REPLIES.size()).ranked();
            BitSet allowed = new BitSet();
            all.stream().skip(10).limit(5).forEach(reply -> allowed.set(reply.row()));
            List<RankedReply> left = open.responder().reply(CONTEXTS.get(1), 8, allowed).ranked();
            assertEquals(all.subList(10, 15).stream().map(RankedReply::text).toList(),
                    left.stream().map(RankedReply::text).toList());
            assertEquals(List.of(1, 2, 3, 4, 5), left.stream().map(RankedReply::rank).toList());
            assertEquals(List.of(), open.responder().reply(CONTEXTS.get(1), 1, new BitSet()).ranked());
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void asManyRepliesAsThereAreNotAreRefused(Maker maker) throws IOException {
        withResponder(maker.write(folder.resolve("m"), 3), REPLIES, open -> {
            for (int k : new int[]{0, -1, REPLIES.size() + 1, Integer.MAX_VALUE}) {
                var e = assertThrows(IllegalArgumentException.class,
                        () -> open.responder().reply(CONTEXTS.getFirst(), k));
                assertTrue(e.getMessage().contains("k is " + k) && e.getMessage().contains("1 to 60"), e.getMessage());
            }
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyStageTakesTimeAndTokensAreCounted(Maker maker) throws IOException {
        withResponder(maker.write(folder.resolve("m"), 4), REPLIES, open -> {
            RankedReplies replies = open.responder().reply(Context.of("i love tea"), 1);
            RankedReplies.StageTimes times = replies.times();
            assertTrue(times.tokenise() > 0 && times.encode() > 0 && times.search() > 0, times.toString());
            assertEquals(times.tokenise() + times.encode() + times.search(), times.total());
            assertEquals(5, replies.tokens(), "[CLS] i love tea [SEP]");
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void repliesThatTheModelCannotTellApartComeInTheOrderOfTheIndex(Maker maker) throws IOException {
        List<String> replies = List.of("one", "cat", "two", "three", "dog", "four");
        withResponder(maker.write(folder.resolve("m"), 5), replies, open -> {
            List<Integer> unknown = open.responder().reply(Context.of("hello"), 6).ranked().stream()
                    .map(RankedReply::row).filter(row -> row != 1 && row != 4).toList();
            assertEquals(List.of(0, 2, 3, 5), unknown);
            assertEquals(0, open.responder().reply(Context.of("hello"), 1, bits(5, 3, 2, 0)).ranked().getFirst().row());
        });
    }

    @Test
    void aPolyEncoderScansMoreThanOneChunk() throws IOException {
        List<String> numbers = IntStream.range(0, 9000).mapToObj(i -> "number" + i).toList();
        ModelFolder made = TinyModel.polyEncoder(folder.resolve("m"), 6);
        List<String> replies = Stream.of(numbers.subList(0, 8500), List.of("cat"), numbers.subList(8500, 9000))
                .flatMap(List::stream).toList();
        withResponder(made, replies, open -> {
            float[] two = open.model().score(Context.of("hello"),
                    open.model().encodeReplies(List.of("cat", "number"), Progress.NONE));
            List<Integer> rows = open.responder().reply(Context.of("hello"), 9001).ranked().stream()
                    .map(RankedReply::row)
                    .toList();
            assertEquals(8500, two[0] > two[1] ? rows.getFirst() : rows.getLast());
            List<Integer> equal = rows.stream().filter(row -> row != 8500).toList();
            assertEquals(equal.stream().sorted().toList(), equal);
        });
    }

    @Test
    void anIndexOfOtherDimsIsRefused() throws IOException {
        ModelFolder tiny = TinyModel.biEncoder(folder.resolve("m"), 7);
        try (RetrievalModel small = tiny.load(Engine.stock());
                RetrievalModel other = DefaultModel.folder().load(Engine.stock());
                ResponseIndex index = ResponseIndex
                        .open(TinyIndex.write(folder.resolve("i"), tiny, small, List.of("cat", "dog")));
                WorkerPool pool = new WorkerPool(1)) {
            ExactSearch search = new ExactSearch(index, Kernels.best(), pool);
            String message = assertThrows(BadInput.class, () -> ModelResponder.over(other, index, search)).getMessage();
            assertTrue(message.contains("24") && message.contains("384") && message.contains("i: "), message);
        }
    }

    @Test
    void theDefaultEncoderFindsTheLikestReply() throws IOException {
        List<String> replies = List.of("I love my two cats.", "The train leaves at nine.",
                "Put the soup on the stove.");
        withResponder(DefaultModel.folder(), replies, open -> {
            assertEquals(0, open.responder().reply(Context.of("do you have a cat?"), 1).ranked().getFirst().row());
            assertEquals(1, open.responder().reply(Context.of("when does my train go?"), 1).ranked().getFirst().row());
            assertEquals(2,
                    open.responder().reply(Context.of("what is for dinner, soup?"), 1).ranked().getFirst().row());
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void manyContextsTogetherGetWhatEachGetsAlone(Maker maker) throws IOException {
        withResponder(maker.write(folder.resolve("m"), 8), REPLIES, open -> {
            List<Context> many = new ArrayList<>();
            for (int i = 0; i < 300; i++) many.add(CONTEXTS.get(i % CONTEXTS.size())); // more than go together
            BitSet allowed = bits(3, 7, 20, 41, 42);
            List<RankedReplies> all = open.responder().replyToAll(many, 4, allowed);
            assertEquals(many.size(), all.size());
            List<RankedReplies> eachAlone = CONTEXTS.stream()
                    .map(context -> open.responder().reply(context, 4, allowed))
                    .toList();
            for (int i = 0; i < many.size(); i++) {
                RankedReplies alone = eachAlone.get(i % CONTEXTS.size());
                assertEquals(alone.ranked().stream().map(RankedReply::row).toList(),
                        all.get(i).ranked().stream().map(RankedReply::row).toList());
                assertEquals(alone.tokens(), all.get(i).tokens());
                for (int rank = 0; rank < 4; rank++) {
                    float expected = alone.ranked().get(rank).score();
                    assertEquals(expected, all.get(i).ranked().get(rank).score(), 1e-4 * Math.abs(expected) + 1e-5);
                }
                assertTrue(all.get(i).times().total() > 0);
            }
            assertEquals(List.of(), open.responder().replyToAll(List.of(), 1));
            assertThrows(IllegalArgumentException.class, () -> open.responder().replyToAll(many, 61));
        });
    }

    @Test
    void aFilterMadeOfATestLeavesTheRowsThatPass() throws IOException {
        withResponder(TinyModel.biEncoder(folder.resolve("m"), 9), REPLIES, open -> {
            BitSet kind = open.responder().rowsWhere(row -> !open.responder().text(row).contains("cat"));
            assertTrue(kind.cardinality() > 0 && kind.cardinality() < REPLIES.size());
            List<RankedReply> left = open.responder().reply(CONTEXTS.getFirst(), REPLIES.size(), kind).ranked();
            assertEquals(kind.cardinality(), left.size());
            assertTrue(left.stream().noneMatch(reply -> reply.text().contains("cat")));
        });
    }

    @Test
    void whereAFilterAllowsNothingThereIsNoBestReply() throws IOException {
        withResponder(TinyModel.biEncoder(folder.resolve("m"), 9), REPLIES, open -> {
            RankedReplies none = open.responder().reply(CONTEXTS.getFirst(), 3, new BitSet());
            assertEquals(List.of(), none.ranked());
            assertThrows(NoSuchElementException.class, none::best);
            assertEquals(open.responder().reply("hello").best().text(), open.responder().reply("hello").text());
        });
    }

    @Test
    void contextsLongerThanTheModelReadsCountByTheirNewestTurns() throws IOException {
        withResponder(TinyModel.biEncoder(folder.resolve("m"), 10), REPLIES, open -> {
            List<String> turns = new ArrayList<>();
            for (int i = 0; i < 200; i++) turns.add(TinyModel.WORDS.get(i % TinyModel.WORDS.size()));
            RankedReplies whole = open.responder().reply(new Context(turns), 5);
            assertTrue(whole.tokens() < turns.size());
            // Each length up to well beyond what the model reads, and some of those that are much too long.
            for (int from = turns.size() - 1; from >= 0; from -= from > turns.size() - 80 ? 1 : 10) {
                RankedReplies newest = open.responder().reply(new Context(turns.subList(from, turns.size())), 5);
                if (newest.tokens() == whole.tokens()) assertEquals(whole.ranked(), newest.ranked());
            }
        });
    }

    @Test
    void aBlankTurnIsBadInputAndLeavesTheResponderUsable() throws IOException {
        withResponder(TinyModel.biEncoder(folder.resolve("m"), 11), REPLIES, open -> {
            assertThrows(BadInput.class, () -> open.responder().reply("  "));
            assertEquals(1, open.responder().reply("hello").ranked().size());
        });
    }

    /** A model with an index of its own. */
    record Open(RetrievalModel model, Responder responder) {}

    private void withResponder(ModelFolder made, List<String> replies, Consumer<Open> test) throws IOException {
        try (RetrievalModel model = made.load(Engine.stock());
                ResponseIndex index = ResponseIndex
                        .open(TinyIndex.write(folder.resolve("index"), made, model, replies));
                WorkerPool pool = new WorkerPool(2)) {
            test.accept(
                    new Open(model, ModelResponder.over(model, index, new ExactSearch(index, Kernels.best(), pool))));
        }
    }

    private static List<Integer> byScore(float[] scores, Stream<Integer> rows) {
        return rows.sorted(Comparator.<Integer>comparingDouble(row -> -scores[row]).thenComparing(row -> row)).toList();
    }

    private static BitSet bits(int... rows) {
        BitSet bits = new BitSet();
        for (int row : rows) bits.set(row);
        return bits;
    }
}
