package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Origin;
import io.retort.files.BadInput;
import io.retort.files.Progress;
import io.retort.graph.Engine;
import io.retort.retrieval.RetrievalModel;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IndexBuilderTest {
    private static final List<Exchange> EXCHANGES = List.of(exchange("Tea .", "you want tea", "yes or no"),
            exchange("no", "do you like rain"), exchange("tea.", "what do you drink"), exchange("always", "hello"),
            exchange("i work at home", "he is at work", "and you"), exchange("no", "are you good"));
    /** Batches of other sizes may round otherwise. */
    private static final float ROUNDING = 1e-5f;

    @TempDir
    static Path models;
    private static ModelFolder folder;
    private static RetrievalModel model;
    private static RetrievalModel poly;

    @TempDir
    Path work;

    @BeforeAll
    static void load() throws IOException {
        folder = TinyModel.biEncoder(models.resolve("tiny"), 1);
        model = folder.load(Engine.stock());
        poly = TinyModel.polyEncoder(models.resolve("poly"), 1).load(Engine.stock());
    }

    @AfterAll
    static void close() {
        model.close();
        poly.close();
    }

    @Test
    void keyedByReplyARowIsTheVectorOfTheReplyAsItFirstCame() throws IOException {
        float[][] rows = vectors(build(replies(KeyedBy.REPLY), "reply"));
        assertRows(model.encodeReplies(List.of("Tea .", "no", "always", "i work at home"), Progress.NONE), rows);
    }

    @Test
    void keyedByContextARowIsTheMeanOfItsContexts() throws IOException {
        assertRows(contextMeans(), vectors(build(replies(KeyedBy.CONTEXT), "context")));
    }

    @Test
    void keyedByBothARowIsTheMeanOfTheOtherTwo() throws IOException {
        float[][] replies = vectors(build(replies(KeyedBy.REPLY), "reply"));
        float[][] contexts = contextMeans();
        for (int r = 0; r < replies.length; r++) {
            for (int j = 0; j < replies[r].length; j++) replies[r][j] = (replies[r][j] + contexts[r][j]) / 2;
        }
        assertRows(replies, vectors(build(replies(KeyedBy.BOTH), "both")));
    }

    @Test
    void onlyTheFirstContextsOfAFrequentReplyCount() throws IOException {
        IndexedReplies frequent = new IndexedReplies(KeyedBy.CONTEXT);
        List<Exchange> many = new ArrayList<>();
        for (String word : TinyModel.WORDS.subList(0, 9)) many.add(exchange("yes", word));
        many.forEach(frequent::add);
        float[] expected = mean(many.subList(0, IndexedReplies.CONTEXTS).stream().map(Exchange::context).toList());
        assertRows(new float[][]{expected}, vectors(build(frequent, "frequent")));
    }

    @Test
    void anInterruptedBuildGoesOnAtAChunkAndEndsWithTheSameBytes() throws IOException {
        Path whole = build(replies(KeyedBy.BOTH), "whole");
        Path file = work.resolve("interrupted");
        Progress interruption = (done, total) -> {
            if (done == 3) throw new IllegalStateException("interrupted");
        };
        assertThrows(IllegalStateException.class,
                () -> builder(model).inChunksOf(1).build(replies(KeyedBy.BOTH), file, interruption));
        assertFalse(Files.exists(file), "nothing half-written bears the name");
        List<Long> seen = new ArrayList<>();
        assertEquals(3, builder(model).inChunksOf(1).build(replies(KeyedBy.BOTH), file, (done, total) -> {
            seen.add(done);
            assertEquals(4, total);
        }));
        assertEquals(List.of(3L, 4L), seen);
        assertRows(vectors(whole), vectors(file));
        assertEquals(Files.size(whole), Files.size(file));
        try (var left = Files.list(work)) {
            assertEquals(List.of("interrupted", "whole"), left.map(p -> p.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void anInterruptedBuildOfOtherRepliesOrKeysBeginsAnew() throws IOException {
        Path file = work.resolve("changed");
        Progress interruption = (done, total) -> {
            if (done == 2) throw new IllegalStateException("interrupted");
        };
        assertThrows(IllegalStateException.class,
                () -> builder(model).inChunksOf(1).build(replies(KeyedBy.BOTH), file, interruption));
        assertEquals(0, builder(model).inChunksOf(1).build(replies(KeyedBy.REPLY), file, Progress.NONE));
        assertRows(vectors(build(replies(KeyedBy.REPLY), "reply")), vectors(file));
    }

    @Test
    void anInterruptedBuildWithOtherContextsBeginsAnew() throws IOException {
        Path file = work.resolve("changed");
        IndexedReplies longer = new IndexedReplies(KeyedBy.CONTEXT);
        EXCHANGES.forEach(e -> longer.add(exchange(e.reply(), "hello", e.context().newest())));
        assertThrows(IllegalStateException.class,
                () -> builder(model).inChunksOf(1).build(longer, file, (done, total) -> {
                    if (done == 2) throw new IllegalStateException("interrupted");
                }));
        assertEquals(0, builder(model).inChunksOf(1).build(replies(KeyedBy.CONTEXT), file, Progress.NONE));
        assertRows(contextMeans(), vectors(file));
    }

    @ParameterizedTest
    @EnumSource(KeyedBy.class)
    void theSameRepliesGiveTheSameBytes(KeyedBy key) throws IOException {
        byte[] once = Files.readAllBytes(build(replies(key), "once"));
        assertArrayEquals(once, Files.readAllBytes(build(replies(key), "twice")));
        assertArrayEquals(once, Files.readAllBytes(build(replies(key), "once")), "over the finished file too");
    }

    @Test
    void metadataTellsModelKeyAndWhoseRepliesTheyAre() throws IOException {
        IndexedReplies replies = new IndexedReplies(KeyedBy.BOTH);
        replies.add(new Distilled("d", Context.of("hello"), List.of(new Candidate("hi", Origin.ORIGINAL),
                new Candidate("hi you", Origin.GENERATED), new Candidate("Hi", Origin.GENERATED)), Map.of()));
        try (ResponseIndex index = ResponseIndex.open(build(replies, "d"))) {
            JsonNode metadata = index.spec().metadata();
            assertEquals("tiny", metadata.path("model").asText());
            assertEquals(2, metadata.path("replies").asInt());
            assertEquals(1, metadata.path("generated").asInt());
            assertEquals("both", metadata.path("keyed_by").asText());
            assertEquals(folder.fingerprint(), index.spec().model().hex());
            assertEquals(List.of("hi", "hi you"), List.of(index.reply(0), index.reply(1)));
        }
    }

    @ParameterizedTest
    @EnumSource(value = KeyedBy.class, names = {"CONTEXT", "BOTH"})
    void aPolyEncoderCannotKeyByContexts(KeyedBy key) {
        Path file = work.resolve("poly");
        String message = assertThrows(BadInput.class, () -> builder(poly).build(replies(key), file, Progress.NONE))
                .getMessage();
        assertTrue(message.contains("poly-encoder") && message.contains("\"key\" to reply"), message);
        assertFalse(Files.exists(work.resolve("poly.building")));
    }

    @Test
    void aPolyEncoderIndexesReplies() throws IOException {
        Path file = work.resolve("poly");
        builder(poly).build(replies(KeyedBy.REPLY), file, Progress.NONE);
        List<String> texts = List.of("Tea .", "no", "always", "i work at home");
        assertRows(poly.encodeReplies(texts, Progress.NONE), vectors(file));
    }

    @Test
    void noRepliesAreRefused() {
        IndexedReplies none = new IndexedReplies(KeyedBy.REPLY);
        none.add("  ");
        assertThrows(BadInput.class, () -> build(none, "none"));
    }

    @ParameterizedTest
    @EnumSource(value = KeyedBy.class, names = {"CONTEXT", "BOTH"})
    void aReplyWithoutContextCannotBeKeyedByIt(KeyedBy key) {
        IndexedReplies replies = new IndexedReplies(key);
        assertTrue(assertThrows(BadInput.class, () -> replies.add("hello")).getMessage().contains("\"hello\""));
    }

    private static Exchange exchange(String reply, String... turns) {
        return new Exchange(Context.of(turns), reply, "d", turns.length);
    }

    private static IndexedReplies replies(KeyedBy key) {
        IndexedReplies replies = new IndexedReplies(key);
        EXCHANGES.forEach(replies::add);
        return replies;
    }

    /** What the definition says of {@link #EXCHANGES}, context by context. */
    private static float[][] contextMeans() {
        List<Context> c = EXCHANGES.stream().map(Exchange::context).toList();
        return new float[][]{mean(List.of(c.get(0), c.get(2))), mean(List.of(c.get(1), c.get(5))),
            mean(List.of(c.get(3))), mean(List.of(c.get(4)))};
    }

    private static float[] mean(List<Context> contexts) {
        double[] sum = new double[model.dim()];
        for (Context context : contexts) {
            float[] vector = model.encodeContext(model.inputs().context(context));
            for (int j = 0; j < sum.length; j++) sum[j] += vector[j];
        }
        float[] mean = new float[sum.length];
        for (int j = 0; j < mean.length; j++) mean[j] = (float) (sum[j] / contexts.size());
        return mean;
    }

    private static IndexBuilder builder(RetrievalModel model) throws IOException {
        return new IndexBuilder(model, "tiny", new ModelFingerprint(folder.fingerprint()), Metric.INNER_PRODUCT);
    }

    private Path build(IndexedReplies replies, String name) throws IOException {
        Path file = work.resolve(name);
        assertEquals(0, builder(model).build(replies, file, Progress.NONE));
        return file;
    }

    private static float[][] vectors(Path file) throws IOException {
        try (ResponseIndex index = ResponseIndex.open(file)) {
            var rows = index.vectors();
            float[][] vectors = new float[rows.count()][];
            Arrays.setAll(vectors, row -> rows.data().asSlice(rows.offset(row), 4L * rows.dims())
                    .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
            return vectors;
        }
    }

    private static void assertRows(float[][] expected, float[][] found) {
        assertEquals(expected.length, found.length);
        for (int r = 0; r < expected.length; r++) assertArrayEquals(expected[r], found[r], ROUNDING, "row " + r);
    }
}
