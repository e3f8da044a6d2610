package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.graph.TrainableBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models whose weights stay as their files store them. */
class WeightStorageTest {
    private static final int[] TEXT = {3, 69, 0, 12, 12, 41, 7, 30, 68, 5};
    /** The share of the largest logit by which logits may differ where activations are rounded to 8 bits. */
    private static final double ROUNDED = .03;

    @TempDir
    private Path folder;

    private LanguageModelFiles open(String architecture, StoredGguf.Type type, boolean tied) throws IOException {
        return LanguageModelFiles.open(StoredGguf.write(folder.resolve("model.gguf"), architecture, type, tied));
    }

    private static float[] logits(LanguageModelFiles files, Engine engine, WeightStorage storage) {
        try (LanguageModel model = files.load(engine, storage); KeyValueCache cache = model.cache()) {
            return cache.append(List.of(cache.begin()), List.of(TEXT))[0];
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) largest = Math.max(largest, Math.abs(value));
        return largest;
    }

    private static void assertNear(float[] expected, float[] actual, double share, String what) {
        double tolerance = share * largest(expected);
        for (int i = 0; i < expected.length; i++) assertEquals(expected[i], actual[i], tolerance, what + " " + i);
    }

    @ParameterizedTest
    @CsvSource({"llama,Q8_0,true", "llama,Q4_1,false", "phi3,Q8_0,false", "phi3,Q4_1,true"})
    void blocksComputeWhatTheirNumbersDoUpToTheRoundingOfActivations(String architecture, StoredGguf.Type type,
            boolean tied) throws IOException {
        try (LanguageModelFiles files = open(architecture, type, tied); Engine simd = Engine.simd(1)) {
            assertEquals(WeightStorage.FILE, files.kept(simd, WeightStorage.FILE));
            float[] floats = logits(files, simd, WeightStorage.F32);
            assertNear(floats, logits(files, simd, WeightStorage.FILE), ROUNDED, "logit");
            assertArrayEquals(logits(files, Engine.stock(), WeightStorage.F32), floats, 1e-4f);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama,F16", "llama,BF16", "phi3,BF16"})
    void weightsOfSixteenBitsComputeTheSameAsWidenedOnes(String architecture, StoredGguf.Type type)
            throws IOException {
        try (LanguageModelFiles files = open(architecture, type, false); Engine simd = Engine.simd(1)) {
            assertEquals(WeightStorage.FILE, files.kept(simd, WeightStorage.FILE));
            float[] floats = logits(files, simd, WeightStorage.F32);
            assertNear(floats, logits(files, simd, WeightStorage.FILE), 1e-4, "logit");
        }
    }

    @Test
    void anEngineThatKnowsFloatsAloneComputesWithFloatsWhateverIsAsked() throws IOException {
        try (LanguageModelFiles files = open("llama", StoredGguf.Type.Q8_0, true)) {
            assertEquals(WeightStorage.F32, files.kept(Engine.stock(), WeightStorage.FILE));
            assertArrayEquals(logits(files, Engine.stock(), WeightStorage.F32),
                    logits(files, Engine.stock(), WeightStorage.FILE));
        }
    }

    @Test
    void aModelWorksOnAfterItsFileIsClosed() throws IOException {
        try (Engine simd = Engine.simd(1)) {
            LanguageModelFiles files = open("llama", StoredGguf.Type.Q8_0, false);
            float[] expected = logits(files, simd, WeightStorage.FILE);
            try (LanguageModel model = files.load(simd, WeightStorage.FILE); KeyValueCache cache = model.cache()) {
                files.close();
                assertArrayEquals(expected, cache.append(List.of(cache.begin()), List.of(TEXT))[0]);
                Sequence grown = cache.begin();
                assertThrows(IndexOutOfBoundsException.class,
                        () -> cache.append(List.of(grown), List.of(new int[]{StoredGguf.VOCABULARY})));
            }
        }
    }

    private static float[] gradients(TrainableDecoder decoder) {
        TrainableBuffer only = decoder.buffers().getFirst();
        assertEquals(1, decoder.buffers().size());
        return only.gradients().toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Gives B values other than its zeros, so that A has a gradient, too. */
    private static void fill(TrainableBuffer adapters) {
        MemorySegment values = adapters.values();
        for (long i = 0; i < values.byteSize() / 4; i++) {
            float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (value == 0) values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (i * 37 % 19 - 9) / 90f);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama,Q8_0,true", "llama,BF16,false"})
    void adaptersOfAKeptBaseHaveTheGradientsOfThoseOfItsNumbers(String architecture, StoredGguf.Type type,
            boolean tied) throws IOException {
        List<TrainingText> texts = List.of(TrainingText.of(TEXT));
        try (LanguageModelFiles files = open(architecture, type, tied);
                Engine simd = Engine.simd(1);
                TrainableDecoder kept = files.trainable(simd, new LowRank(2, 4), 5, WeightStorage.FILE);
                TrainableDecoder floats = files.trainable(simd, new LowRank(2, 4), 5)) {
            fill(kept.buffers().getFirst());
            fill(floats.buffers().getFirst());
            assertEquals(floats.pass(texts).loss(), kept.pass(texts).loss(), .02);
            float[] expected = gradients(floats), actual = gradients(kept);
            assertTrue(largest(expected) > 1e-3);
            assertNear(expected, actual, .05, "gradient");
        }
    }

    @Test
    void adaptersOfAQuantisedBaseLearnAndTheModelThatIsValidatedHasThem() throws IOException {
        List<TrainingText> texts = List.of(TrainingText.of(TEXT));
        try (LanguageModelFiles files = open("llama", StoredGguf.Type.Q8_0, true);
                Engine simd = Engine.simd(1);
                TrainableDecoder decoder = files.trainable(simd, new LowRank(4, 8), 5, WeightStorage.FILE)) {
            double before = decoder.pass(texts).loss();
            TrainableBuffer adapters = decoder.buffers().getFirst();
            for (int step = 0; step < 12; step++) {
                for (long i = 0; i < adapters.values().byteSize() / 4; i++) {
                    float value = adapters.values().getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    float gradient = adapters.gradients().getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    adapters.values().setAtIndex(ValueLayout.JAVA_FLOAT, i, value - .5f * gradient);
                }
                decoder.pass(texts);
            }
            double after = decoder.pass(texts).loss();
            assertTrue(after < .7 * before, before + " became " + after);
            try (LanguageModel model = decoder.model(simd); KeyValueCache cache = model.cache()) {
                Sequence begun = cache.begin();
                cache.append(List.of(begun), List.of(new int[]{TEXT[0]}));
                int[] rest = java.util.Arrays.copyOfRange(TEXT, 1, TEXT.length);
                double sum = 0;
                for (float score : cache.score(List.of(begun), List.of(rest))[0]) sum -= score;
                assertEquals(after, sum / rest.length, .02);
            }
        }
    }

    @Test
    void aModelLargerThanMemoryIsRefusedWithBothNumbersAndWhatWouldHelp() throws IOException {
        try (LanguageModelFiles files = open("llama", StoredGguf.Type.Q8_0, false)) {
            ModelMemory memory = files.memory();
            assertTrue(memory.keepsAny());
            assertTrue(memory.asStored() < memory.inFloats() / 2, memory.toString());
            memory.requireRoom(files.path(), WeightStorage.F32, 1e9, 1e9);
            double between = (memory.total(WeightStorage.FILE) + memory.total(WeightStorage.F32)) / 2.0;
            memory.requireRoom(files.path(), WeightStorage.FILE, between, 1e9);
            String helped = refusal(memory, WeightStorage.F32, between, 1e9);
            assertTrue(helped.contains("takes about 0.3 GB of memory") && helped.contains("set \"weights\" to file"),
                    helped);
            String lost = refusal(memory, WeightStorage.FILE, 1e8, 1e9);
            assertTrue(lost.contains("this machine has 0.1 GB to give") && lost.contains("smaller model"), lost);
            String heap = refusal(memory, WeightStorage.FILE, 1e9, 1e7);
            assertTrue(heap.contains("Java heap") && heap.contains("RETORT_JAVA_OPTS=-Xmx1g"), heap);
        }
    }

    private static String refusal(ModelMemory memory, WeightStorage storage, double free, double most) {
        return assertThrows(BadInput.class, () -> memory.requireRoom(Path.of("m.gguf"), storage, free, most))
                .getMessage();
    }
}
