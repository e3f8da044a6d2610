package io.retort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.dialogue.Context;
import io.retort.files.Progress;
import io.retort.graph.ComputeRuntime;
import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.Sequence;
import io.retort.reply.RankedReply;
import io.retort.reply.Responder;
import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.reply.ResponderSettings;
import io.retort.reply.TinyIndex;
import io.retort.retrieval.RetrievalModel;
import io.retort.runtime.RuntimeSettings.EngineChoice;
import io.retort.runtime.RuntimeSettings;
import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads at once get what one gets alone, bit for bit. */
class ConcurrentUseTest {
    private static final int THREADS = 8;
    private static final int TASKS = 400;
    private static final List<String> REPLIES = TinyIndex.replies(900);

    @TempDir
    static Path folder;
    private static Retort retort;
    private static ModelFolder bi;
    private static ModelFolder poly;
    private static Path biIndex;
    private static Path polyIndex;

    @BeforeAll
    static void open() throws IOException {
        retort = Retort.open(new RuntimeSettings(EngineChoice.SIMD, 3));
        bi = TinyModel.biEncoder(folder.resolve("bi"), 1);
        poly = TinyModel.polyEncoder(folder.resolve("poly"), 2);
        biIndex = index(bi);
        polyIndex = index(poly);
    }

    private static Path index(ModelFolder model) throws IOException {
        try (RetrievalModel open = retort.student(model.path()).load()) {
            return TinyIndex.write(folder.resolve(model.name() + ".index"), model, open, REPLIES);
        }
    }

    @AfterAll
    static void close() {
        retort.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"EXACT", "SCREENED"})
    void oneResponder(SearchChoice search) throws Exception {
        ResponderSettings settings = ResponderSettings.defaults().withSearch(search);
        try (Responder responder = retort.student(bi.path()).responder(biIndex, settings)) {
            assertSameInAllThreads(TASKS, i -> responder.reply(context(i), 1 + i % 30).ranked());
        }
    }

    @Test
    void oneResponderOfAPolyEncoder() throws Exception {
        try (Responder responder = retort.student(poly.path()).responder(polyIndex)) {
            assertSameInAllThreads(TASKS / 4, i -> responder.reply(context(i), 1 + i % 30).ranked());
        }
    }

    @Test
    void manyContextsAtOnceBesideSingleOnes() throws Exception {
        try (Responder responder = retort.student(bi.path()).responder(biIndex)) {
            assertSameInAllThreads(TASKS / 4, i -> {
                if (i % 3 > 0) return List.of(responder.reply(context(i), 5).ranked());
                List<Context> contexts = new ArrayList<>();
                for (int c = 0; c < 10; c++) contexts.add(context(i + c));
                List<List<RankedReply>> ranked = new ArrayList<>();
                responder.replyToAll(contexts, 5).forEach(replies -> ranked.add(replies.ranked()));
                return ranked;
            });
        }
    }

    @Test
    void twoRespondersOfOneRuntime() throws Exception {
        try (Responder one = retort.student(bi.path()).responder(biIndex);
                Responder other = retort.student(poly.path()).responder(polyIndex)) {
            assertSameInAllThreads(TASKS / 4, i -> (i % 4 == 0 ? other : one).reply(context(i), 3).ranked());
        }
    }

    @Test
    void oneModelThatEncodesAndScores() throws Exception {
        try (RetrievalModel model = retort.student(bi.path()).load()) {
            assertSameInAllThreads(TASKS, i -> {
                float[][] vectors = model.encodeReplies(REPLIES.subList(i, i + 1 + i % 20), Progress.NONE);
                return Arrays.hashCode(model.score(context(i), vectors)) + " " + Arrays.deepHashCode(vectors);
            });
        }
    }

    @Test
    void chatSessionsOfOneResponder() throws Exception {
        try (Responder responder = retort.student(bi.path()).responder(biIndex)) {
            assertSameInAllThreads(TASKS / 8, i -> {
                var session = responder.session();
                List<RankedReply> said = new ArrayList<>();
                for (int turn = 0; turn < 6; turn++) said.add(session.answer(context(i + turn).newest()));
                return said;
            });
        }
    }

    @Test
    void manyCachesOfOneLanguageModel() throws Exception {
        Path path = Path.of("src/test/resources/io/retort/lm/tiny-llama");
        try (LanguageModelFiles files = LanguageModelFiles.open(path);
                LanguageModel model = files.load(ComputeRuntime.of(retort.runtime()).engine())) {
            assertSameInAllThreads(48, i -> logits(model, i));
            try (KeyValueCache one = model.cache(); KeyValueCache other = model.cache()) {
                twoCachesTakeTurns(model, one, other);
            }
        }
    }

    /** Logits and scores of sequences of a cache of its own, as their bits. */
    private static List<List<Float>> logits(LanguageModel model, int seed) {
        Random random = new Random(seed);
        List<List<Float>> all = new ArrayList<>();
        try (KeyValueCache cache = model.cache()) {
            Sequence first = cache.begin(), second = cache.begin();
            for (int step = 0; step < 5; step++) {
                List<int[]> tokens = List.of(tokens(model, random), tokens(model, random));
                for (float[] row : cache.append(List.of(first, second), tokens)) all.add(boxed(row));
            }
            for (float[] row : cache.score(List.of(first, second, first),
                    List.of(tokens(model, random), tokens(model, random), tokens(model, random)))) {
                all.add(boxed(row));
            }
        }
        return all;
    }

    /** Two threads, each with a cache, step by step against what one cache gave alone. */
    private static void twoCachesTakeTurns(LanguageModel model, KeyValueCache one, KeyValueCache other)
            throws Exception {
        List<int[]> steps = new ArrayList<>();
        Random random = new Random(77);
        for (int i = 0; i < 20; i++) steps.add(tokens(model, random, 1 + i % 3));
        List<float[]> alone = new ArrayList<>();
        try (KeyValueCache single = model.cache()) {
            Sequence sequence = single.begin();
            for (int[] step : steps) alone.add(single.append(List.of(sequence), List.of(step))[0]);
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Callable<Void>> halves = new ArrayList<>();
            for (KeyValueCache cache : List.of(one, other)) {
                halves.add(() -> {
                    Sequence sequence = cache.begin();
                    for (int i = 0; i < steps.size(); i++) {
                        float[] next = cache.append(List.of(sequence), List.of(steps.get(i)))[0];
                        assertArrayEquals(alone.get(i), next, "step " + i);
                    }
                    return null;
                });
            }
            for (Future<Void> half : threads.invokeAll(halves)) half.get();
        }
    }

    private static int[] tokens(LanguageModel model, Random random) {
        return tokens(model, random, 1 + random.nextInt(7));
    }

    private static int[] tokens(LanguageModel model, Random random, int count) {
        return random.ints(count, 0, model.vocabularySize()).toArray();
    }

    private static List<Float> boxed(float[] row) {
        List<Float> boxed = new ArrayList<>(row.length);
        for (float value : row) boxed.add(value);
        return boxed;
    }

    /** Contexts of many lengths, so that many plans are compiled meanwhile. */
    private static Context context(int i) {
        List<String> turns = new ArrayList<>();
        Random random = new Random(i);
        for (int turn = 0; turn <= i % 4; turn++) {
            StringBuilder text = new StringBuilder("hello");
            for (int word = 0; word < random.nextInt(12); word++) {
                text.append(' ').append(TinyModel.WORDS.get(random.nextInt(TinyModel.WORDS.size())));
            }
            turns.add(text.toString());
        }
        return new Context(turns);
    }

    /** Asks in many threads first, while nothing is compiled, and then in one. */
    private static <T> void assertSameInAllThreads(int tasks, IntFunction<T> task) throws Exception {
        List<Future<T>> together;
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<T>> calls = new ArrayList<>();
            for (int i = 0; i < tasks; i++) {
                int number = i;
                calls.add(() -> task.apply(number));
            }
            together = threads.invokeAll(calls);
        }
        for (int i = 0; i < tasks; i++) assertEquals(task.apply(i), together.get(i).get(), "task " + i);
    }
}
