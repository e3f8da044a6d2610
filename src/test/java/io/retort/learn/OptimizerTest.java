package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.retort.graph.ParameterLayout;
import io.retort.graph.TrainableBuffer;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/retort/simd/optimizer.golden.safetensors");
    private static final double RATE = 0.01;
    private static final Optimizer.Hyperparameters SETTINGS = new Optimizer.Hyperparameters(0.9, 0.99, 1e-3, 0.1,
            DecayedWeights.ALL);

    static Stream<Arguments> sizesAndThreads() {
        return Stream.of(arguments(1, 1), arguments(33, 2), arguments((1 << 14) - 1, 2), arguments((1 << 15) + 17, 3));
    }

    /** Several steps of f = x²/2, whose gradient is x itself, beside the published algorithm in double. */
    @ParameterizedTest
    @MethodSource("sizesAndThreads")
    void everyElementTakesTheStepsOfThePaper(int size, int threads) {
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(threads)) {
            List<TrainableBuffer> buffers = List.of(buffer(arena, size), buffer(arena, 5));
            try (OptimizerState state = new Optimizer.AdamW(SETTINGS).over(buffers, pool)) {
                for (int step = 0; step < 4; step++) {
                    buffers.forEach(buffer -> buffer.gradients().copyFrom(buffer.values()));
                    state.step(RATE, 1);
                }
            }
            for (TrainableBuffer buffer : buffers) assertSteps(buffer);
        }
    }

    /** Rules, their moments and clipping by norm beside PyTorch; the numbers are those of the golden file's maker. */
    @ParameterizedTest
    @ValueSource(strings = {"adam", "adamw", "adamax", "clipped"})
    void stepsArePyTorchs(String name) throws IOException {
        Optimizer.Hyperparameters settings = new Optimizer.Hyperparameters(0.9, 0.99, 1e-6, 0.1, DecayedWeights.ALL);
        Optimizer optimizer = switch (name) {
            case "adam" -> new Optimizer.Adam(settings);
            case "adamax" -> new Optimizer.Adamax(settings);
            default -> new Optimizer.AdamW(settings);
        };
        try (TensorFile golden = TensorFile.open(GOLDEN);
                Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(2)) {
            float[] start = golden.read("start").toFloats();
            float[] gradients = golden.read("gradients").toFloats();
            float[] expected = golden.read(name).toFloats();
            int size = start.length;
            TrainableBuffer buffer = buffer(arena, size);
            MemorySegment.copy(start, 0, buffer.values(), ValueLayout.JAVA_FLOAT, 0, size);
            try (OptimizerState state = optimizer.over(List.of(buffer), pool)) {
                for (int step = 0; step < gradients.length / size; step++) {
                    MemorySegment.copy(gradients, step * size, buffer.gradients(), ValueLayout.JAVA_FLOAT, 0, size);
                    double clip = name.equals("clipped") ? 1 : Double.POSITIVE_INFINITY;
                    state.step(RATE, TrainingSettings.gradientScale(clip, state.gradientNorm()));
                    for (int i = 0; i < size; i++) {
                        float value = expected[step * size + i];
                        assertEquals(value, buffer.values().getAtIndex(ValueLayout.JAVA_FLOAT, i),
                                1e-6 * Math.max(1, Math.abs(value)), "step " + step + ", element " + i);
                    }
                }
            }
        }
    }

    @Test
    void biasesAndNormsDecayOnlyWhereAllDo() {
        SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("bias", Shape.of(40));
        shapes.put("matrix", Shape.of(5, 7));
        shapes.put("norm", Shape.of(3));
        for (DecayedWeights decayed : DecayedWeights.values()) {
            Optimizer.Hyperparameters settings = new Optimizer.Hyperparameters(0.9, 0.99, 1e-6, 0.5, decayed);
            try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(2)) {
                TrainableBuffer buffer = buffer(arena, shapes);
                try (OptimizerState state = new Optimizer.AdamW(settings).over(List.of(buffer), pool)) {
                    state.step(0.5, 1); // no gradients: nothing but decay
                }
                for (ParameterLayout.Entry entry : buffer.layout().entries()) {
                    boolean decays = decayed == DecayedWeights.ALL || entry.name().equals("matrix");
                    for (long i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
                        assertEquals(decays ? 0.75f * start((int) i) : start((int) i),
                                buffer.values().getAtIndex(ValueLayout.JAVA_FLOAT, i), entry.name());
                    }
                }
            }
        }
    }

    @Test
    void theNormOfGradientsDoesNotDependOnThreads() {
        int size = (1 << 17) + 3;
        double[] norms = new double[3];
        for (int threads = 1; threads <= 3; threads++) {
            try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(threads)) {
                TrainableBuffer buffer = buffer(arena, size);
                Random random = new Random(4);
                double sum = 0;
                for (int i = 0; i < size; i++) {
                    float value = (float) random.nextGaussian();
                    buffer.gradients().setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                    sum += (double) value * value;
                }
                try (OptimizerState state = new Optimizer.AdamW().over(List.of(buffer), pool)) {
                    norms[threads - 1] = state.gradientNorm();
                }
                assertEquals(Math.sqrt(sum), norms[threads - 1], 1e-9);
            }
        }
        assertArrayEquals(new double[]{norms[0], norms[0], norms[0]}, norms);
    }

    @Test
    void numbersThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> Optimizer.Hyperparameters.withDecay(-1));
        assertThrows(IllegalArgumentException.class, () -> Optimizer.Hyperparameters.withDecay(Double.NaN));
        assertThrows(IllegalArgumentException.class,
                () -> new Optimizer.Hyperparameters(1, 0.9, 1e-8, 0, DecayedWeights.ALL));
        assertThrows(IllegalArgumentException.class,
                () -> new Optimizer.Hyperparameters(0.9, 0.9, 0, 0, DecayedWeights.ALL));
    }

    private static TrainableBuffer buffer(Arena arena, int size) {
        return buffer(arena, Map.of("x", Shape.of(size)));
    }

    private static TrainableBuffer buffer(Arena arena, Map<String, Shape> shapes) {
        ParameterLayout layout = ParameterLayout.of(ElementType.F32, shapes);
        MemorySegment values = arena.allocate(layout.bytes(), 64);
        for (ParameterLayout.Entry entry : layout.entries()) {
            for (long i = entry.offset(); i < entry.offset() + entry.shape().size(); i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, start((int) i));
            }
        }
        return new TrainableBuffer(layout, values, arena.allocate(layout.bytes(), 64));
    }

    private static float start(int i) {
        return (i % 7 - 3) * (1 + i % 11);
    }

    private static void assertSteps(TrainableBuffer buffer) {
        long size = buffer.layout().entries().getFirst().shape().size();
        for (int i = 0; i < buffer.size(); i++) {
            double expected = i < size ? afterFourSteps(start(i)) : 0;
            assertEquals(expected, buffer.values().getAtIndex(ValueLayout.JAVA_FLOAT, i), 1e-5, "element " + i);
        }
    }

    private static double afterFourSteps(double x) {
        double first = 0;
        double second = 0;
        for (int step = 1; step <= 4; step++) {
            double gradient = x;
            first = SETTINGS.beta1() * first + (1 - SETTINGS.beta1()) * gradient;
            second = SETTINGS.beta2() * second + (1 - SETTINGS.beta2()) * gradient * gradient;
            double mean = first / (1 - Math.pow(SETTINGS.beta1(), step));
            double variance = second / (1 - Math.pow(SETTINGS.beta2(), step));
            x -= RATE * SETTINGS.weightDecay() * x;
            x -= RATE * mean / (Math.sqrt(variance) + SETTINGS.epsilon());
        }
        return x;
    }
}
