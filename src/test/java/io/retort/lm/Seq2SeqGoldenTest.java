package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Encoder–decoders against transformers: a small random model of each family. */
class Seq2SeqGoldenTest {
    private static final List<String> NAMES = TinySeq2Seq.NAMES;
    private static final float TOLERANCE = 3e-5f;

    private static List<Sequence> begun(TinySeq2Seq golden, KeyValueCache cache) {
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < golden.replies().size(); i++) sequences.add(cache.begin());
        return sequences;
    }

    private static float[] row(float[] logits, int row, int size) {
        return Arrays.copyOfRange(logits, row * size, (row + 1) * size);
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void sourcesOfAllLengthsInOneBatchGiveTheReferencesLogitsTokenByToken(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine engine = Engine.simd(2);
                LanguageModel model = golden.load(engine);
                KeyValueCache cache = model.cache()) {
            List<Sequence> running = begun(golden, cache);
            int vocabulary = model.vocabularySize(), replies = running.size();
            float[][] logits = cache.read(running, golden.sources().subList(0, replies));
            List<Integer> left = new ArrayList<>();
            for (int i = 0; i < replies; i++) left.add(i);
            for (int t = 0;; t++) {
                int place = t;
                for (int i = 0; i < left.size(); i++) {
                    assertArrayEquals(row(golden.logits().get(left.get(i)), t, vocabulary), logits[i], TOLERANCE,
                            "reply " + left.get(i) + ", token " + t);
                }
                left.removeIf(i -> golden.replies().get(i).length <= place + 1);
                if (left.isEmpty()) break;
                logits = cache.append(left.stream().map(running::get).toList(),
                        left.stream().map(i -> new int[]{golden.replies().get(i)[place]}).toList());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aReplyAtOnceGivesTheReferencesLogProbabilitiesOnEitherEngine(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine simd = Engine.simd(2)) {
            for (Engine engine : List.of(simd, Engine.stock())) {
                try (LanguageModel model = golden.load(engine); KeyValueCache cache = model.cache()) {
                    List<Sequence> sequences = begun(golden, cache);
                    cache.read(sequences, golden.sources().subList(0, sequences.size()));
                    float[][] scores = cache.score(sequences, golden.replies());
                    for (int i = 0; i < scores.length; i++) {
                        assertArrayEquals(golden.logs().get(i), scores[i], TOLERANCE, "reply " + i);
                    }
                    int[] whole = golden.replies().get(2);
                    Sequence fork = sequences.get(2).fork();
                    float[] last = cache.append(List.of(fork), List.of(Arrays.copyOf(whole, whole.length - 1)))[0];
                    assertArrayEquals(row(golden.logits().get(2), whole.length - 1, model.vocabularySize()), last,
                            TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void whatIsLeftOutOrMadeTwiceIsTheCallersError(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine engine = Engine.simd(1);
                LanguageModel model = golden.load(engine);
                KeyValueCache cache = model.cache()) {
            Sequence sequence = cache.begin();
            assertThrows(IllegalArgumentException.class,
                    () -> cache.append(List.of(sequence), List.of(new int[]{5})));
            cache.read(List.of(sequence), List.of(new int[]{5, 6}));
            assertThrows(IllegalArgumentException.class, () -> cache.read(List.of(sequence), List.of(new int[]{5})));
            BadInput tooLong = assertThrows(BadInput.class,
                    () -> cache.read(List.of(cache.begin()), List.of(new int[65])));
            assertTrue(tooLong.getMessage().contains("65 tokens are more than the model's context of 64"),
                    tooLong.getMessage());
            assertEquals(64, model.longestPrompt(63));
            assertEquals(63, model.longestReply(64));
            assertTrue(model.longestPrompt(64) < 1);
            assertTrue(model.longestReply(65) < 1);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aFileHasATensorForEveryParameterAndNoOther(String name) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(TinySeq2Seq.of(name).folder())) {
            assertEquals(List.of(), files.check().unexpected());
            assertEquals(List.of(), files.check().missing());
        }
    }
}
