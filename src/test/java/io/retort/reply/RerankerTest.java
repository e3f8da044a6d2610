package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.dialogue.Exchange;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.search.IndexBuilder;
import io.retort.search.IndexedReplies;
import io.retort.search.KeyedBy;
import io.retort.search.Metric;
import io.retort.search.ModelFingerprint;
import io.retort.settings.InvalidSetting;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found is put in order by the words of the contexts that replies answered. */
class RerankerTest {
    private static final List<Context> CONTEXTS = List.of(Context.of("hello"), Context.of("i love tea", "no"),
            Context.of("dog", "cat", "do you like rain"), Context.of("we run", "he is not good", "yes"),
            Context.of("we eat bread", "is it good bread", "no"));
    private static final List<String> REPLIES = List.of("hi", "why not", "i love rain", "he is bad", "eat bread then");

    @TempDir
    Path folder;
    private ComputeRuntime runtime;
    private ModelFolder student;
    private RetrievalModel model;

    @BeforeEach
    void open() throws Exception {
        runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(1));
        student = TinyModel.biEncoder(folder.resolve("bi"), 5);
        model = student.load(runtime.engine());
    }

    @AfterEach
    void close() {
        model.close();
        runtime.close();
    }

    private ModelResponder responder(Reranking reranking) throws Exception {
        return responder(KeyedBy.BOTH, reranking);
    }

    private ModelResponder responder(KeyedBy key, Reranking reranking) throws Exception {
        Path index = folder.resolve(key + ".index");
        if (!Files.exists(index)) {
            IndexedReplies replies = new IndexedReplies(key);
            for (int i = 0; i < CONTEXTS.size(); i++) {
                replies.add(new Exchange(CONTEXTS.get(i), REPLIES.get(i), "d" + i, 1));
            }
            new IndexBuilder(model, student.name(), new ModelFingerprint(student.fingerprint()), Metric.INNER_PRODUCT)
                    .build(replies, index, Progress.NONE);
        }
        return ModelResponder.open(runtime, student, index, ResponderSettings.defaults().withReranking(reranking));
    }

    private float[] encode(Context context) {
        return model.encodeContext(model.inputs().context(context));
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static float scoreOf(RankedReplies replies, String text) {
        return replies.ranked().stream().filter(each -> each.text().equals(text)).findFirst().orElseThrow().score();
    }

    @Test
    void theLastTurnHasItsShareInWhatIsSearchedFor() throws Exception {
        Context asked = Context.of("i drink tea", "we love bread", "no");
        float[] whole = encode(asked), turn = encode(Context.of("no"));
        try (ModelResponder responder = responder(new Reranking(10, .25, 0, 0, 0))) {
            for (RankedReply reply : responder.reply(asked, 5).ranked()) {
                float[] ofReply = model.encodeReplies(List.of(reply.text()), Progress.NONE)[0];
                float[] ofContext = encode(CONTEXTS.get(reply.row()));
                double expected = .75 * (dot(ofReply, whole) + dot(ofContext, whole)) / 2
                        + .25 * (dot(ofReply, turn) + dot(ofContext, turn)) / 2;
                assertEquals(expected, reply.score(), 1e-4 * Math.abs(expected) + 1e-4, reply.text());
            }
        }
    }

    @Test
    void theSameLastTurnAndTheSameTurnBeforeCountTheirWeights() throws Exception {
        Context asked = Context.of("is it good bread", "no");
        try (ModelResponder plain = responder(new Reranking(10, 0, 0, 0, 0));
                ModelResponder last = responder(new Reranking(10, 0, .5, 0, 0));
                ModelResponder before = responder(new Reranking(10, 0, 0, .5, 0))) {
            RankedReplies found = plain.reply(asked, 5);
            assertEquals(scoreOf(found, "why not") + .5, scoreOf(last.reply(asked, 5), "why not"), 1e-5);
            assertEquals(scoreOf(found, "hi"), scoreOf(last.reply(asked, 5), "hi"), 1e-5);
            assertEquals(scoreOf(found, "eat bread then") + .5, scoreOf(before.reply(asked, 5), "eat bread then"),
                    1e-5);
            assertEquals(scoreOf(found, "why not"), scoreOf(before.reply(asked, 5), "why not"), 1e-5);
        }
    }

    @Test
    void aReplyLosesForWhatItHasFromItsOwnContextAlone() throws Exception {
        Context asked = Context.of("is it good bread", "no");
        try (ModelResponder plain = responder(new Reranking(10, 0, 0, 0, 0));
                ModelResponder strict = responder(new Reranking(10, 0, 0, 0, 1))) {
            RankedReplies found = plain.reply(asked, 5), other = strict.reply(asked, 5);
            assertEquals(scoreOf(found, "hi"), scoreOf(other, "hi"), 1e-5, "nothing of its context");
            assertTrue(scoreOf(other, "i love rain") < scoreOf(found, "i love rain") - .1, "rain");
            // "eat" is its context's, "bread" is that of both
            assertTrue(scoreOf(other, "eat bread then") < scoreOf(found, "eat bread then"), "eat");
            Context both = Context.of("we eat bread", "no");
            assertEquals(scoreOf(plain.reply(both, 5), "eat bread then"),
                    scoreOf(strict.reply(both, 5), "eat bread then"), 1e-5);
        }
    }

    @Test
    void whatLiesBeyondTheDepthKeepsItsOrderBehindTheRest() throws Exception {
        Context asked = Context.of("is it good bread", "no");
        try (ModelResponder plain = responder(Reranking.none());
                ModelResponder two = responder(new Reranking(2, 0, 1, 1, 1))) {
            List<RankedReply> found = plain.reply(asked, 5).ranked(), order = two.reply(asked, 5).ranked();
            assertEquals(rows(found.subList(2, 5)), rows(order.subList(2, 5)));
            assertEquals(Set.copyOf(rows(found.subList(0, 2))), Set.copyOf(rows(order.subList(0, 2))));
            for (int rank = 1; rank < order.size(); rank++) {
                assertTrue(order.get(rank - 1).score() >= order.get(rank).score());
            }
            for (int k = 1; k <= 5; k++) assertEquals(rows(order.subList(0, k)), rows(two.reply(asked, k).ranked()));
        }
    }

    private static List<Integer> rows(List<RankedReply> replies) {
        return replies.stream().map(RankedReply::row).toList();
    }

    @Test
    void anIndexWithoutContextsIsAnsweredAsItIsFound() throws Exception {
        Context asked = Context.of("i drink tea", "is it good bread", "no");
        try (ModelResponder usual = responder(KeyedBy.REPLY, Reranking.defaults());
                ModelResponder none = responder(KeyedBy.REPLY, Reranking.none())) {
            assertEquals(none.reply(asked, 5).ranked(), usual.reply(asked, 5).ranked());
        }
        try (ModelResponder usual = responder(Reranking.defaults());
                ModelResponder none = responder(Reranking.none())) {
            assertNotEquals(none.reply(asked, 5).ranked(), usual.reply(asked, 5).ranked());
        }
    }

    @Test
    void whatIsAnsweredTogetherOrEncodedBeforeIsAnsweredAlike() throws Exception {
        List<Context> asked = List.of(Context.of("i drink tea", "we love bread", "no"), Context.of("hello"),
                Context.of("dog", "do you like rain"));
        try (ModelResponder responder = responder(Reranking.defaults())) {
            List<ReplyQuery> queries = new ArrayList<>();
            for (Context each : asked) {
                int[] turn = model.inputs().newestTurn(each);
                queries.add(responder.query(each, 4, null, Set.of())
                        .withKnown(new ReplyQuery.Encoded(turn, model.encodeContext(turn))));
            }
            List<RankedReplies> alone = asked.stream().map(each -> responder.reply(each, 4)).toList();
            assertAlike(alone, responder.replyToAll(asked, 4));
            assertAlike(alone, responder.replyToEach(queries));
        }
    }

    private static void assertAlike(List<RankedReplies> expected, List<RankedReplies> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            for (int rank = 0; rank < 4; rank++) {
                RankedReply one = expected.get(i).ranked().get(rank), other = found.get(i).ranked().get(rank);
                assertEquals(one.text(), other.text());
                assertEquals(one.score(), other.score(), 1e-4);
            }
        }
    }

    @Test
    void wordsAreThoseThatTellRepetitions() {
        for (String text : List.of("I'm  fine, thanks -- 2 of US!", "don't_stop", "a", "'",
                "Caf\u00e9 \u2019til \u00dcber")) {
            String expected = text.equals("'") ? "" : Echoes.words(text);
            assertEquals(expected, String.join(" ", WordWeights.words(text)), text);
        }
    }

    @Test
    void weightsOutOfRangeAreRefusedByName() {
        assertTrue(assertThrows(InvalidSetting.class, () -> new Reranking(-1, 0, 0, 0, 0)).getMessage()
                .contains("depth"));
        assertTrue(assertThrows(InvalidSetting.class, () -> new Reranking(1, 0, 0, 0, Double.NaN)).getMessage()
                .contains("missing"));
    }
}
