package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
    private static final float SCALE = .7f;
    private static final List<Attention> ALL = List.of(
            new Attention(new ScalarMatrixKernels(), new ScalarRowKernels()),
            new Attention(new VectorMatrixKernels(), new VectorRowKernels()));

    @Property(tries = 100)
    void everyShapeIsTheReferenceInDoublePrecision(@ForAll @IntRange(min = 1, max = 40) int tq,
            @ForAll @IntRange(min = 1, max = 40) int tk, @ForAll @IntRange(min = 1, max = 40) int d,
            @ForAll @IntRange(min = 1, max = 40) int dv, @ForAll long seed) {
        assertForward(tq, tk, d, dv, seed);
    }

    /** So many keys that queries go in several blocks. */
    @ParameterizedTest
    @CsvSource({"50,300,32,32", "20,1100,16,8"})
    void longRowsAreTheReferenceInDoublePrecision(int tq, int tk, int d, int dv) {
        assertForward(tq, tk, d, dv, 8);
    }

    private static void assertForward(int tq, int tk, int d, int dv, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, random);
            Matrix q = matrices.ordinary(tq, d), k = matrices.ordinary(tk, d), v = matrices.ordinary(tk, dv);
            MemorySegment mask = mask(matrices, random, tk);
            Matrix bias = random.nextBoolean() ? matrices.ordinary(tq, tk) : null;
            double[][] expected = reference(values(q), values(k), values(v), bias == null ? null : values(bias), mask);
            for (Attention attention : ALL) {
                Matrix out = matrices.ordinary(tq, dv);
                attention.forward(q, k, v, bias, mask, SCALE, out, scratch);
                for (int i = 0; i < tq; i++) {
                    for (int j = 0; j < dv; j++) assertEquals(expected[i][j], out.get(i, j), 2e-6);
                }
            }
        }
    }

    /** None, some keys masked as padding, or all of them: then all count the same. */
    private static MemorySegment mask(Matrices matrices, SplittableRandom random, int keys) {
        int kind = random.nextInt(3);
        if (kind == 0) return null;
        MemorySegment mask = matrices.vector(keys);
        for (int j = 0; j < keys; j++) if (kind == 1 || random.nextInt(3) == 0) mask.set(Matrix.FLOAT, 4L * j, -1e9f);
        return mask;
    }

    @Property(tries = 60)
    void gradientsAreThoseOfTheReferenceByDifferences(@ForAll @IntRange(min = 1, max = 9) int tq,
            @ForAll @IntRange(min = 1, max = 9) int tk, @ForAll @IntRange(min = 1, max = 6) int d,
            @ForAll @IntRange(min = 1, max = 6) int dv, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, random);
            List<Matrix> inputs = List.of(matrices.ordinary(tq, d), matrices.ordinary(tk, d),
                    matrices.ordinary(tk, dv), matrices.ordinary(tq, tk));
            boolean biased = random.nextBoolean();
            MemorySegment mask = mask(matrices, random, tk);
            // All masked, what there is to differentiate is drowned, and any gradient is as good.
            if (mask != null) mask.set(Matrix.FLOAT, 0, .1f);
            Matrix dOut = matrices.ordinary(tq, dv);
            for (Attention attention : ALL) {
                List<Matrix> gradients = Stream
                        .concat(inputs.stream().limit(3).map(m -> matrices.ordinary(m.rows(), m.columns())),
                                Stream.of(Matrix.of(arena.allocate(4L * tq * tk), tq, tk)))
                        .toList();
                attention.gradient(inputs.get(0), inputs.get(1), inputs.get(2), biased ? inputs.get(3) : null, mask,
                        SCALE, dOut, gradients.get(0), gradients.get(1), gradients.get(2),
                        biased ? gradients.get(3).memory() : null, scratch);
                int count = biased ? 4 : 3;
                for (int of = 0; of < count; of++) {
                    assertGradient(inputs.subList(0, count), of, mask, values(dOut), gradients.get(of));
                }
            }
        }
    }

    private static void assertGradient(List<Matrix> matrices, int of, MemorySegment mask, double[][] dOut,
            Matrix gradient) {
        double[][][] inputs = matrices.stream().map(AttentionTest::values).toArray(double[][][]::new);
        double step = 1e-5;
        for (int i = 0; i < gradient.rows(); i++) {
            for (int j = 0; j < gradient.columns(); j++) {
                double x = inputs[of][i][j];
                inputs[of][i][j] = x + step;
                double above = dot(dOut, reference(inputs, mask));
                inputs[of][i][j] = x - step;
                double below = dot(dOut, reference(inputs, mask));
                inputs[of][i][j] = x;
                assertEquals((above - below) / (2 * step), gradient.get(i, j), 2e-6, "input " + of);
            }
        }
    }

    @Test
    void theGradientOfLongRowsIsThatOfTheSpecification() {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrices matrices = new Matrices(arena, new SplittableRandom(2));
            Matrix[] in = IntStream.of(70, 130, 130, 70).mapToObj(t -> matrices.ordinary(t, 32)).toArray(Matrix[]::new);
            Matrix[][] out = new Matrix[2][];
            for (int a = 0; a < 2; a++) {
                out[a] = IntStream.of(70, 130, 130).mapToObj(t -> matrices.ordinary(t, 32)).toArray(Matrix[]::new);
                ALL.get(a).gradient(in[0], in[1], in[2], null, null, SCALE, in[3], out[a][0], out[a][1], out[a][2],
                        null, scratch);
            }
            for (int m = 0; m < 3; m++) {
                for (int i = 0; i < out[0][m].rows(); i++) {
                    for (int j = 0; j < 32; j++) assertEquals(out[0][m].get(i, j), out[1][m].get(i, j), 1e-6);
                }
            }
        }
    }

    @Test
    void headsOfOneMatrixLeaveEachOtherAlone() {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrix q = new Matrices(arena, new SplittableRandom(1)).ordinary(5, 24);
            for (Attention attention : ALL) {
                Matrix out = Matrix.of(arena.allocate(4 * 5 * 24), 5, 24);
                Matrix head = q.columns(8, 16);
                attention.forward(head, head, head, null, null, SCALE, out.columns(8, 16), scratch);
                for (int i = 0; i < 5; i++) {
                    for (int j = 0; j < 24; j++) assertEquals(j / 8 == 1, out.get(i, j) != 0);
                }
            }
        }
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        try (Arena arena = Arena.ofConfined(); Scratch scratch = new Scratch()) {
            Matrix m = Matrix.of(arena.allocate(4 * 5 * 6), 5, 6);
            for (Attention attention : ALL) {
                assertThrows(IllegalArgumentException.class,
                        () -> attention.forward(m, m.columns(0, 5), m, null, null, 1, m, scratch));
                assertThrows(IllegalArgumentException.class,
                        () -> attention.forward(m, m, m.rows(0, 4), null, null, 1, m, scratch));
                assertThrows(IllegalArgumentException.class,
                        () -> attention.forward(m, m, m, null, null, 1, m.rows(0, 4), scratch));
                assertThrows(IllegalArgumentException.class,
                        () -> attention.forward(m, m, m, m, null, 1, m, scratch));
                assertThrows(IllegalArgumentException.class,
                        () -> attention.forward(m, m.rows(0, 0), m.rows(0, 0), null, null, 1, m, scratch));
                assertThrows(IllegalArgumentException.class,
                        () -> attention.gradient(m, m, m, null, null, 1, m, m, m.rows(0, 3), m, null, scratch));
            }
        }
    }

    private static double[][] values(Matrix matrix) {
        double[][] values = new double[matrix.rows()][matrix.columns()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].length; j++) values[i][j] = matrix.get(i, j);
        }
        return values;
    }

    /** Logits are rounded where a mask is added: -1e9 is meant to drown them, as it does in single precision. */
    private static double[][] reference(double[][][] inputs, MemorySegment mask) {
        return reference(inputs[0], inputs[1], inputs[2], inputs.length > 3 ? inputs[3] : null, mask);
    }

    private static double[][] reference(double[][] q, double[][] k, double[][] v, double[][] bias,
            MemorySegment mask) {
        double[][] out = new double[q.length][v[0].length];
        for (int i = 0; i < q.length; i++) {
            double[] weights = new double[k.length];
            for (int j = 0; j < k.length; j++) {
                for (int l = 0; l < q[i].length; l++) weights[j] += SCALE * q[i][l] * k[j][l];
                float added = mask == null ? 0 : mask.get(Matrix.FLOAT, 4L * j);
                if (bias != null) weights[j] += bias[i][j];
                weights[j] = added < -1e8 ? added : weights[j] + added;
            }
            double most = IntStream.range(0, k.length).mapToDouble(j -> weights[j]).max().orElseThrow(), sum = 0;
            for (int j = 0; j < k.length; j++) sum += weights[j] = Math.exp(weights[j] - most);
            for (int j = 0; j < k.length; j++) {
                for (int l = 0; l < out[i].length; l++) out[i][l] += weights[j] / sum * v[j][l];
            }
        }
        return out;
    }

    private static double dot(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) for (int j = 0; j < a[i].length; j++) sum += a[i][j] * b[i][j];
        return sum;
    }
}
