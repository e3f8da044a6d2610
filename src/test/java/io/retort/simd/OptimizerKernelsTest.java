package io.retort.simd;

import static io.retort.simd.TestFloats.assertClose;
import static io.retort.simd.TestFloats.assertSame;
import static io.retort.simd.TestFloats.copy;
import static io.retort.simd.TestFloats.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptimizerKernelsTest {
    private static final OptimizerKernels SPECIFICATION = new ScalarOptimizerKernels();
    private static final OptimizerKernels VECTOR = new VectorOptimizerKernels();
    /** What bench/peers/optimizer_golden.py gives PyTorch. */
    private static final double RATE = .01, BETA1 = .9, BETA2 = .99, EPSILON = 1e-6, DECAY = .1;

    private final Arena arena = Arena.ofConfined();
    private final SplittableRandom random = new SplittableRandom(23);

    @AfterEach
    void free() {
        arena.close();
    }

    /** One optimiser, over parameters, gradients and two moments. */
    private interface Rule {
        void step(OptimizerKernels kernels, OptimizerStep step, MemorySegment[] buffers, long from, long to);
    }

    private static final Rule SGD = (k, step, b, from, to) -> k.sgd(step, b[0], b[1], from, to);
    private static final Rule ADAM = (k, step, b, from, to) -> k.adam(step, b[0], b[1], b[2], b[3], from, to);
    private static final Rule ADAM_W = (k, step, b, from, to) -> k.adamW(step, b[0], b[1], b[2], b[3], from, to);
    private static final Rule ADAMAX = (k, step, b, from, to) -> k.adamax(step, b[0], b[1], b[2], b[3], from, to);

    @Test
    void everyRangeHasTheBitsOfTheSpecification() {
        for (Rule rule : List.of(SGD, ADAM, ADAM_W, ADAMAX)) {
            for (int n : new int[]{1, 7, 16, 33, 1000, 70_000}) {
                MemorySegment[] expected = new MemorySegment[4], actual = new MemorySegment[4];
                for (int i = 0; i < 4; i++) {
                    expected[i] = random(arena, random, n + 2);
                    for (int j = 0; i == 3 && j < n + 2; j++) {
                        Floats.set(expected[3], j, Math.abs(Floats.get(expected[3], j)));
                    }
                    actual[i] = copy(arena, expected[i]);
                }
                OptimizerStep step = OptimizerStep.at(3, .7, RATE, BETA1, BETA2, EPSILON, DECAY);
                rule.step(SPECIFICATION, step, expected, 1, n + 1);
                int middle = 1 + random.nextInt(n);
                rule.step(VECTOR, step, actual, middle, n + 1);
                rule.step(VECTOR, step, actual, 1, middle);
                for (int i = 0; i < 4; i++) assertSame(expected[i], actual[i], "buffer " + i + " of " + n);
            }
        }
    }

    @Test
    void stepsArePyTorchs() throws IOException {
        Map<String, Rule> rules = Map.of("sgd", SGD, "adam", ADAM, "adamw", ADAM_W, "adamax", ADAMAX, "clipped",
                ADAM_W);
        try (TensorFile golden = TensorFile.open(
                Path.of("src/test/resources/io/retort/simd/optimizer.golden.safetensors"))) {
            float[] start = golden.read("start").toFloats(), gradients = golden.read("gradients").toFloats();
            int n = start.length;
            for (String name : rules.keySet()) {
                float[] after = golden.read(name).toFloats();
                for (OptimizerKernels kernels : List.of(SPECIFICATION, VECTOR)) {
                    MemorySegment[] buffers = {TestFloats.of(arena, start), arena.allocate(4L * n, 4),
                        arena.allocate(4L * n, 4), arena.allocate(4L * n, 4)};
                    for (int t = 0; t < gradients.length / n; t++) {
                        for (int i = 0; i < n; i++) Floats.set(buffers[1], i, gradients[t * n + i]);
                        double scale = name.equals("clipped") ? clip(kernels, buffers[1], n) : 1;
                        rules.get(name).step(kernels,
                                OptimizerStep.at(t + 1, scale, RATE, BETA1, BETA2, EPSILON, DECAY), buffers, 0, n);
                        float[] row = java.util.Arrays.copyOfRange(after, t * n, (t + 1) * n);
                        assertClose(TestFloats.of(arena, row), buffers[0], 1e-6, 2e-7, name + " step " + (t + 1));
                    }
                }
            }
        }
    }

    /** The factor of torch.nn.utils.clip_grad_norm_ with a norm of 1. */
    private static double clip(OptimizerKernels kernels, MemorySegment gradients, int n) {
        return Math.min(1, 1 / (Math.sqrt(kernels.sumOfSquares(gradients, 0, n)) + 1e-6));
    }

    @Test
    void squaresAreAddedInDoublePrecision() {
        for (int n : new int[]{0, 1, 15, 16, 100, 150_001}) {
            MemorySegment x = random(arena, random, n + 1);
            if (n > 0) Floats.set(x, n / 2, 1e25f); // its square is no float
            double expected = SPECIFICATION.sumOfSquares(x, 0, n);
            assertEquals(expected, VECTOR.sumOfSquares(x, 0, n), 1e-12 * expected);
            if (n > 0) Floats.set(x, n / 2, 1);
            expected = SPECIFICATION.sumOfSquares(x, 0, n);
            assertEquals(expected, VECTOR.sumOfSquares(x, 0, n), 1e-12 * expected);
        }
    }

    @Test
    void rangesOutsideTheBuffersAreRefused() {
        MemorySegment ten = arena.allocate(40, 4), nine = arena.allocate(36, 4);
        OptimizerStep step = OptimizerStep.at(1, 1, RATE, BETA1, BETA2, EPSILON, DECAY);
        for (OptimizerKernels k : List.of(SPECIFICATION, VECTOR)) {
            assertThrows(IndexOutOfBoundsException.class, () -> k.sgd(step, ten, nine, 0, 10));
            assertThrows(IndexOutOfBoundsException.class, () -> k.adam(step, ten, ten, ten, nine, 0, 10));
            assertThrows(IndexOutOfBoundsException.class, () -> k.adamW(step, ten, ten, ten, ten, 4, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> k.sumOfSquares(ten, -1, 3));
        }
        assertThrows(IllegalArgumentException.class,
                () -> OptimizerStep.at(0, 1, RATE, BETA1, BETA2, EPSILON, DECAY));
    }
}
