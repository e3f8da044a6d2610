package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A small random model of every family against Hugging Face transformers, from the Hub's folder and from a GGUF file
 * that was written as llama.cpp's converter does ({@code bench/peers/family_golden.py}).
 */
class FamilyGoldenTest {
    private static final Path MODELS = Path.of("src/test/resources/io/retort/lm/families");
    private static final float TOLERANCE = 3e-5f;

    static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(MODELS)) {
            return all.sorted().toList();
        }
    }

    static List<Path> folders() throws IOException {
        return files().stream().filter(Files::isDirectory).map(Path::getFileName).toList();
    }

    private static TinyDecoder golden(Path file) throws IOException {
        return TinyDecoder.of(MODELS.resolve(file.toString().replace(".gguf", "")));
    }

    @ParameterizedTest
    @MethodSource("files")
    void aPromptAtOnceAndTokenByTokenGivesTheReferencesLogits(Path file) throws IOException {
        TinyDecoder golden = golden(file.getFileName());
        try (LanguageModelFiles files = LanguageModelFiles.open(file);
                LanguageModel model = files.load(Engine.simd(2));
                KeyValueCache cache = model.cache()) {
            int time = golden.ids()[0].length;
            List<Sequence> grown = new ArrayList<>();
            for (int i = 0; i < golden.ids().length; i++) grown.add(cache.begin());
            for (int t = 0; t < time; t++) {
                int place = t;
                float[][] logits = cache.append(grown,
                        Stream.of(golden.ids()).map(ids -> new int[]{ids[place]}).toList());
                for (int i = 0; i < logits.length; i++) {
                    assertArrayEquals(golden.logits()[i][t], logits[i], TOLERANCE, "text " + i + ", token " + t);
                }
            }
            assertLastLogits(golden, cache);
            Sequence begun = cache.begin();
            cache.append(List.of(begun), List.of(Arrays.copyOf(golden.ids()[1], 7)));
            float[] scores = cache.score(List.of(begun), List.of(Arrays.copyOfRange(golden.ids()[1], 7, time)))[0];
            for (int t = 0; t < scores.length; t++) {
                assertEquals(golden.logProbability(1, 7 + t), scores[t], TOLERANCE, "token " + (7 + t));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theStockEngineGivesTheReferencesLogits(Path name) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(MODELS.resolve(name));
                LanguageModel model = files.load(Engine.stock());
                KeyValueCache cache = model.cache()) {
            assertLastLogits(golden(name), cache);
        }
    }

    private static void assertLastLogits(TinyDecoder golden, KeyValueCache cache) {
        float[][] atOnce = cache.append(Stream.of(golden.ids()).map(ids -> cache.begin()).toList(),
                List.of(golden.ids()));
        for (int i = 0; i < atOnce.length; i++) {
            assertArrayEquals(golden.logits()[i][golden.ids()[i].length - 1], atOnce[i], TOLERANCE, "text " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void theLossOfTrainingWholeAndByAdaptersIsTheReferences(Path file) throws IOException {
        TinyDecoder golden = golden(file.getFileName());
        List<TrainingText> texts = Stream.of(golden.ids()).map(TrainingText::of).toList();
        try (LanguageModelFiles files = LanguageModelFiles.open(file);
                TrainableDecoder whole = files.trainable(Engine.simd(2));
                TrainableDecoder adapted = files.trainable(Engine.simd(2), new LowRank(2, 4), 1)) {
            assertEquals(golden.loss(), whole.pass(texts).loss(), 1e-5);
            assertEquals(golden.loss(), adapted.pass(texts).loss(), 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void whatIsWrittenIsReadBackAsTheSameModel(Path name, @TempDir Path target) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(MODELS.resolve(name));
                TrainableDecoder model = files.trainable(Engine.simd(2))) {
            SequencedMap<String, Tensor> weights = model.weights();
            files.write(target, weights, ElementType.F32);
            try (LanguageModelFiles again = LanguageModelFiles.open(target);
                    TrainableDecoder copy = again.trainable(Engine.simd(2))) {
                assertEquals(files.config(), again.config());
                copy.weights().forEach(
                        (tensor, value) -> assertArrayEquals(weights.get(tensor).toFloats(), value.toFloats(), tensor));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFileHasATensorForEveryParameterAndNoOther(Path file) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(file)) {
            assertEquals(List.of(), files.check().unexpected());
            assertEquals(List.of(), files.check().missing());
        }
    }
}
