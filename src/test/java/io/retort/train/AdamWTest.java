package io.retort.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.retort.graph.ParameterLayout;
import io.retort.model.TrainableBuffer;
import io.retort.simd.WorkerPool;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AdamWTest {
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.01, 0.9, 0.99, 1e-3, 0.1);

    static Stream<Arguments> sizesAndThreads() {
        return Stream.of(arguments(1, 1), arguments(33, 2), arguments((1 << 14) - 1, 2), arguments((1 << 15) + 17, 3));
    }

    /** Several steps of f = x²/2, whose gradient is x itself, beside the published algorithm in double. */
    @ParameterizedTest
    @MethodSource("sizesAndThreads")
    void everyElementTakesTheStepsOfThePaper(int size, int threads) {
        try (Arena arena = Arena.ofShared(); WorkerPool pool = new WorkerPool(threads)) {
            List<TrainableBuffer> buffers = List.of(buffer(arena, size), buffer(arena, 5));
            try (AdamW optimiser = new AdamW(SETTINGS, buffers, pool)) {
                for (int step = 0; step < 4; step++) {
                    buffers.forEach(buffer -> buffer.gradients().copyFrom(buffer.values()));
                    optimiser.step();
                }
            }
            for (TrainableBuffer buffer : buffers) assertSteps(buffer);
        }
    }

    private static TrainableBuffer buffer(Arena arena, int size) {
        ParameterLayout layout = ParameterLayout.of(ElementType.F32, Map.of("x", Shape.of(size)));
        MemorySegment values = arena.allocate(layout.bytes(), 64);
        for (int i = 0; i < size; i++) values.setAtIndex(ValueLayout.JAVA_FLOAT, i, start(i));
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
            x -= SETTINGS.learningRate() * SETTINGS.weightDecay() * x;
            x -= SETTINGS.learningRate() * mean / (Math.sqrt(variance) + SETTINGS.epsilon());
        }
        return x;
    }
}
