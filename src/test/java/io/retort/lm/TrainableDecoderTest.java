package io.retort.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.graph.Engine;
import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
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
        return new java.util.TreeMap<>(
                DecoderWeights.plain(DecoderWeights.published(decoder.config().family(), gradients)));
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

    /** A's and B's gradients by the chain rule out of that of the weights that they make up. */
    @ParameterizedTest
    @MethodSource("engines")
    void adaptersHaveTheGradientOfTheMatrixTheyChange(Engine engine) throws IOException {
        TinyDecoder tiny = TinyDecoder.of("tiny-llama-head");
        List<TrainingText> texts = Stream.of(tiny.ids()).map(TrainingText::of).toList();
        LowRank lowRank = new LowRank(3, 6);
        try (LanguageModelFiles files = LanguageModelFiles.open(tiny.folder());
                TrainableDecoder adapted = files.trainable(engine, lowRank, 5)) {
            fill(adapted.buffers().getFirst());
            Map<String, Tensor> values = adapted.trained(), merged = adapted.present();
            double loss = adapted.pass(texts).loss();
            try (TrainableDecoder whole = new TrainableDecoder(files.config(), merged, engine)) {
                assertEquals(whole.pass(texts).loss(), loss, 1e-5);
                Map<String, Tensor> expected = gradients(whole);
                Map<String, Tensor> actual = gradients(adapted);
                for (String matrix : List.of("model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj",
                        "model.layers.1.self_attn.v_proj", "model.layers.1.self_attn.o_proj",
                        "model.layers.0.mlp.gate_proj", "model.layers.1.mlp.up_proj", "model.layers.0.mlp.down_proj")) {
                    Tensor dW = expected.get(matrix + ".weight");
                    int in = dW.shape().dim(1);
                    float[] d = dW.toFloats(), b = values.get(matrix + ".lora_B.weight").toFloats();
                    float[] dA = actual.get(matrix + ".lora_A.weight").toFloats();
                    for (int i = 0; i < dA.length; i++) {
                        double sum = 0; // scale Bᵀ dW
                        for (int row = 0; row < dW.shape().dim(0); row++) {
                            sum += 2.0 * b[3 * row + i / in] * d[row * in + i % in];
                        }
                        assertEquals(sum, dA[i], 2e-5, matrix + " A " + i);
                    }
                    float[] a = values.get(matrix + ".lora_A.weight").toFloats();
                    float[] dB = actual.get(matrix + ".lora_B.weight").toFloats();
                    for (int i = 0; i < dB.length; i++) {
                        double sum = 0; // scale dW Aᵀ
                        for (int j = 0; j < in; j++) sum += 2.0 * d[i / 3 * in + j] * a[i % 3 * in + j];
                        assertEquals(sum, dB[i], 2e-5, matrix + " B " + i);
                    }
                }
            }
        }
    }

    static Stream<Engine> engines() {
        return Stream.of(Engine.stock(), Engine.simd(2));
    }

    /** Other values than the first, with which the model is the base. */
    private static void fill(TrainableBuffer buffer) {
        for (ParameterLayout.Entry entry : buffer.layout().entries()) {
            MemorySegment values = buffer.layout().slice(buffer.values(), entry);
            for (long i = 0; i < entry.shape().size(); i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.2 * Math.sin(3 * i + entry.offset())));
            }
        }
    }
}
