package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Context;
import io.retort.graph.ComputeRuntime;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contexts that are answered together, each with wishes of its own, and replies that are added meanwhile. */
class ReplyQueryTest {
    private static final List<String> REPLIES = TinyIndex.replies(60);
    private static final List<Context> CONTEXTS = List.of(Context.of("hello"),
            Context.of("i love tea", "he is not good"),
            Context.of("dog", "cat", "dog"), Context.of("rain today"), Context.of("we run"), Context.of("bread"));

    @TempDir
    Path folder;

    private interface WithResponder {
        void with(ModelResponder responder) throws Exception;
    }

    private void withEachForm(WithResponder test) throws Exception {
        try (ComputeRuntime runtime = ComputeRuntime.open(RuntimeSettings.defaults().withThreads(2))) {
            for (ModelFolder model : List.of(TinyModel.biEncoder(folder.resolve("bi"), 5),
                    TinyModel.polyEncoder(folder.resolve("poly"), 5))) {
                Path index = folder.resolve(model.name() + ".index");
                try (RetrievalModel loaded = model.load(runtime.engine())) {
                    TinyIndex.write(index, model, loaded, REPLIES);
                }
                try (ModelResponder responder = ModelResponder.open(runtime, model, index)) {
                    test.with(responder);
                }
            }
        }
    }

    private static List<Integer> rows(RankedReplies found) {
        return found.ranked().stream().map(RankedReply::row).toList();
    }

    @Test
    void eachGetsWhatItWouldGetAloneWithItsOwnWishes() throws Exception {
        withEachForm(responder -> {
            BitSet odd = responder.rowsWhere(row -> row % 2 == 1), few = responder.rowsWhere(row -> row < 3);
            List<ReplyQuery> queries = new ArrayList<>();
            List<RankedReplies> alone = new ArrayList<>();
            for (int i = 0; i < CONTEXTS.size(); i++) {
                BitSet allowed = i % 3 == 0 ? null : i % 3 == 1 ? odd : few;
                List<RankedReply> all = responder.reply(CONTEXTS.get(i), 4 + i, allowed).ranked();
                Set<Integer> without = Set.of(all.getFirst().row());
                queries.add(responder.query(CONTEXTS.get(i), 3 + i, allowed, without));
                alone.add(new RankedReplies(all.subList(1, all.size()), 0, null));
            }
            List<RankedReplies> together = responder.replyToEach(queries);
            for (int i = 0; i < CONTEXTS.size(); i++) {
                assertEquals(rows(alone.get(i)), rows(together.get(i)), CONTEXTS.get(i).toString());
                for (int rank = 0; rank < together.get(i).ranked().size(); rank++) {
                    float score = alone.get(i).ranked().get(rank).score();
                    assertEquals(rank + 1, together.get(i).ranked().get(rank).rank());
                    assertEquals(score, together.get(i).ranked().get(rank).score(), 1e-5 * Math.abs(score) + 1e-5);
                }
            }
        });
    }

    @Test
    void whatIsAddedIsFoundAsIfItHadBeenIndexed() throws Exception {
        withEachForm(responder -> {
            List<Context> contexts = CONTEXTS;
            List<List<RankedReply>> before = contexts.stream().map(each -> responder.reply(each, 60).ranked()).toList();
            assertEquals(60, responder.add(List.of("never eat rain"), List.of(Optional.of(Map.of("mood", "odd")))));
            assertEquals(61, responder.add(List.of("drink the sun", "run home now"),
                    List.of(Optional.empty(), Optional.empty())));
            assertEquals(63, responder.size());
            assertEquals("run home now", responder.text(62));
            assertEquals(Optional.of(Map.of("mood", "odd")), responder.metadata(60));
            float[][] vectors = responder.model().encodeReplies(List.of("never eat rain"),
                    io.retort.files.Progress.NONE);
            for (int i = 0; i < contexts.size(); i++) {
                List<RankedReply> after = responder.reply(contexts.get(i), 63).ranked();
                RankedReply added = after.stream().filter(reply -> reply.row() == 60).findFirst().orElseThrow();
                float expected = responder.model().score(contexts.get(i), vectors)[0];
                assertEquals(expected, added.score(), 1e-4 * Math.abs(expected) + 1e-4);
                assertEquals(before.get(i).stream().map(RankedReply::row).toList(),
                        after.stream().map(RankedReply::row).filter(row -> row < 60).toList());
                for (int rank = 1; rank < after.size(); rank++) {
                    assertTrue(after.get(rank - 1).score() >= after.get(rank).score());
                }
                BitSet only = new BitSet();
                only.set(61);
                assertEquals(List.of(61), rows(responder.reply(contexts.get(i), 5, only)));
            }
        });
    }
}
