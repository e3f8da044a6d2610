package io.retort.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import io.retort.graph.ParameterLayout;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A decoder in training against PyTorch ({@code bench/peers/decoder_golden.py}), on both engines. */
class TrainableDecoderTest {
    static Stream<Arguments> models() {
        return TinyDecoder.NAMES.stream().flatMap(
                name -> Stream.of(Engine.stock(), Engine.simd(2)).map(engine -> Arguments.of(name, engine)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void lossAndEveryGradientArePyTorchs(String name, Engine engine) throws IOException {
        TinyDecoder tiny = TinyDecoder.of(name);
        try (TrainableDecoder decoder = tiny.trainable(engine)) {
            TrainableDecoder.Pass pass = decoder.pass(Stream.of(tiny.ids()).map(TrainingText::of).toList());
            assertEquals(tiny.loss(), pass.loss(), 1e-5);
            Map<String, Tensor> gradients = gradients(decoder);
            assertEquals(tiny.gradients().keySet(), gradients.keySet());
            tiny.gradients().forEach((parameter, expected) -> {
                float[] actual = gradients.get(parameter).toFloats();
                double largest = 1e-3;
                for (float value : expected) largest = Math.max(largest, Math.abs(value));
                for (int i = 0; i < actual.length; i++) {
                    assertEquals(expected[i], actual[i], 1e-4 * largest, parameter + "[" + i + "]");
                }
            });
        }
    }

    private static Map<String, Tensor> gradients(TrainableDecoder decoder) {
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        for (TrainableBuffer buffer : decoder.buffers()) {
            for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                MemorySegment slice = buffer.layout().slice(buffer.gradients(), entry);
                gradients.put(entry.name(), Tensor.of(slice.toArray(ValueLayout.JAVA_FLOAT), entry.shape().toArray()));
            }
        }
        return new java.util.TreeMap<>(DecoderWeights.published(gradients));
    }

    @ParameterizedTest
    @MethodSource("models")
    void onlyTargetsCountAndTheGradientsAreThoseOfTheLastPassAlone(String name, Engine engine) throws IOException {
        TinyDecoder tiny = TinyDecoder.of(name);
        int[] ids = tiny.ids()[0];
        boolean[] targets = new boolean[ids.length];
        targets[7] = true;
        try (TrainableDecoder decoder = tiny.trainable(engine)) {
            List<TrainingText> texts = List.of(new TrainingText(ids, targets));
            double loss = decoder.pass(texts).loss();
            assertEquals(-tiny.logProbability(0, 7), loss, 1e-5);
            Map<String, Tensor> alone = gradients(decoder);
            decoder.pass(List.of(TrainingText.of(tiny.ids()[1])));
            decoder.pass(texts);
            Map<String, Tensor> again = gradients(decoder);
            alone.forEach((parameter, value) -> org.junit.jupiter.api.Assertions.assertArrayEquals(value.toFloats(),
                    again.get(parameter).toFloats(), 1e-6f, parameter));
        }
    }
}
