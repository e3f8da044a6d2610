package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.ElementType;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Encoder–decoders in training: gradients of PyTorch, through attention across and the encoder, and a task learned. */
class Seq2SeqTrainingTest {
    private static final List<String> NAMES = TinySeq2Seq.NAMES;

    private static TrainableDecoder trainable(TinySeq2Seq golden, Engine engine) throws IOException {
        try (LanguageModelFiles files = LanguageModelFiles.open(golden.folder())) {
            return files.trainable(engine);
        }
    }

    private static List<TrainingText> texts(TinySeq2Seq golden) {
        int start = golden.folder().endsWith("bart") ? 2 : 1;
        List<TrainingText> texts = new ArrayList<>();
        for (int i = 0; i < golden.replies().size(); i++) {
            texts.add(TrainingText.ofReply(golden.sources().get(i), start, golden.replies().get(i)));
        }
        return texts;
    }

    private static Map<String, float[]> gradients(TrainableDecoder model) {
        Map<String, float[]> gradients = new HashMap<>();
        for (TrainableBuffer buffer : model.buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                MemorySegment slice = buffer.layout().slice(buffer.gradients(), entry);
                gradients.put(entry.name(), new Tensor(ElementType.F32, entry.shape(), slice).toFloats().clone());
            }
        }
        return gradients;
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void lossAndGradientsAreTheReferencesOnEitherEngine(String name) throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of(name);
        try (Engine simd = Engine.simd(2)) {
            for (Engine engine : List.of(simd, Engine.stock())) {
                try (TrainableDecoder model = trainable(golden, engine)) {
                    assertEquals(golden.loss(), model.pass(texts(golden)).loss(), 1e-5);
                    Map<String, float[]> gradients = gradients(model);
                    assertEquals(9, golden.gradients().size());
                    golden.gradients().forEach((parameter, expected) -> assertArrayEquals(expected,
                            gradients.get(parameter), 2e-5f, engine.name() + ": " + parameter));
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void whatIsWrittenIsReadBackAsTheSameModel(String name, @TempDir Path target) throws IOException {
        try (Engine engine = Engine.simd(1);
                LanguageModelFiles files = LanguageModelFiles.open(TinySeq2Seq.of(name).folder());
                TrainableDecoder model = files.trainable(engine)) {
            SequencedMap<String, Tensor> weights = model.weights();
            files.write(target, weights, ElementType.F32);
            try (LanguageModelFiles again = LanguageModelFiles.open(target);
                    TrainableDecoder copy = again.trainable(engine)) {
                assertEquals(files.config(), again.config());
                assertEquals(weights.keySet(), copy.weights().keySet());
                copy.weights().forEach(
                        (tensor, value) -> assertArrayEquals(weights.get(tensor).toFloats(), value.toFloats(), tensor));
            }
        }
    }

    /** The reply is the source's first token, so that nothing but attention across can tell it. */
    @Test
    void aModelLearnsToSayWhatItReads() throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of("blenderbot");
        List<TrainingText> texts = new ArrayList<>();
        for (int token = 10; token < 14; token++) {
            for (int other = 20; other < 23; other++) {
                texts.add(TrainingText.ofReply(new int[]{token, other}, 1, new int[]{token, 2}));
            }
        }
        try (Engine engine = Engine.simd(2); TrainableDecoder model = trainable(golden, engine)) {
            double first = model.pass(texts).loss(), last = first;
            for (int step = 0; step < 150; step++) {
                for (TrainableBuffer buffer : model.buffers()) descend(buffer, 0.3f);
                last = model.pass(texts).loss();
            }
            assertTrue(first > 3 && last < 0.1, "from " + first + " to " + last);
        }
    }

    private static void descend(TrainableBuffer buffer, float rate) {
        ValueLayout.OfFloat floats = ValueLayout.JAVA_FLOAT;
        for (long at = 0; at < buffer.layout().bytes(); at += Float.BYTES) {
            float value = buffer.values().get(floats, at),
                    slope = Math.clamp(buffer.gradients().get(floats, at), -1, 1);
            buffer.values().set(floats, at, value - rate * slope);
        }
    }

    @Test
    void textsWithoutASourceOrWithOneThatIsTooLongAreRefused() throws IOException {
        TinySeq2Seq golden = TinySeq2Seq.of("bart");
        try (Engine engine = Engine.simd(1); TrainableDecoder model = trainable(golden, engine)) {
            assertThrows(IllegalArgumentException.class, () -> model.pass(List.of(TrainingText.of(1, 2))));
            BadInput tooLong = assertThrows(BadInput.class,
                    () -> model.pass(List.of(TrainingText.ofReply(new int[65], 2, new int[]{4}))));
            assertTrue(tooLong.getMessage().contains("a source of 65 tokens"), tooLong.getMessage());
        }
    }
}
