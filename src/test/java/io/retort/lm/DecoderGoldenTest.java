package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoders against Hugging Face transformers ({@code bench/peers/decoder_golden.py}), on both engines. */
class DecoderGoldenTest {
    private static final float TOLERANCE = 2e-5f;

    static Stream<Arguments> models() {
        return TinyDecoder.NAMES.stream().flatMap(
                name -> Stream.of(Engine.stock(), Engine.simd(2)).map(engine -> Arguments.of(name, engine)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsOfEveryPrefixAreTheReferences(String name, Engine engine) throws IOException {
        TinyDecoder tiny = TinyDecoder.of(name);
        try (LanguageModel model = tiny.load(engine); KeyValueCache cache = model.cache()) {
            List<Sequence> sequences = new ArrayList<>();
            for (int i = 0; i < tiny.ids().length; i++) sequences.add(cache.begin());
            for (int t = 0; t < tiny.ids()[0].length; t++) {
                int place = t;
                float[][] logits = cache.append(sequences,
                        Stream.of(tiny.ids()).map(ids -> new int[]{ids[place]}).toList());
                for (int i = 0; i < logits.length; i++) {
                    assertArrayEquals(tiny.logits()[i][t], logits[i], TOLERANCE, "text " + i + ", token " + t);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aPromptAtOnceGivesTheReferencesLogits(String name, Engine engine) throws IOException {
        TinyDecoder tiny = TinyDecoder.of(name);
        try (LanguageModel model = tiny.load(engine); KeyValueCache cache = model.cache()) {
            float[][] logits = cache.append(Stream.of(tiny.ids()).map(ids -> cache.begin()).toList(),
                    List.of(tiny.ids()));
            for (int i = 0; i < logits.length; i++) {
                assertArrayEquals(tiny.logits()[i][tiny.logits()[i].length - 1], logits[i], TOLERANCE, "text " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void scoresAreLogarithmsOfTheReferencesProbabilities(String name, Engine engine) throws IOException {
        TinyDecoder tiny = TinyDecoder.of(name);
        try (LanguageModel model = tiny.load(engine); KeyValueCache cache = model.cache()) {
            List<Sequence> sequences = new ArrayList<>();
            List<int[]> rest = new ArrayList<>();
            for (int i = 0; i < tiny.ids().length; i++) {
                sequences.add(cache.begin());
                cache.append(sequences.subList(i, i + 1), List.of(Arrays.copyOf(tiny.ids()[i], 1 + 5 * i)));
                rest.add(Arrays.copyOfRange(tiny.ids()[i], 1 + 5 * i, tiny.ids()[i].length));
            }
            float[][] scores = cache.score(sequences, rest);
            for (int i = 0; i < scores.length; i++) {
                for (int t = 0; t < scores[i].length; t++) {
                    assertEquals(tiny.logProbability(i, 1 + 5 * i + t), scores[i][t], TOLERANCE);
                }
            }
        }
    }
}
