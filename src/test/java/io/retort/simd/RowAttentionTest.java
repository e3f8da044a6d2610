package io.retort.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares attention by rows, with scalar and vector kernels, with the textbook's formula in double precision. */
class RowAttentionTest {
    private static final int HEADS = 3, DIM = 10;
    private static final float SCALE = .4f, UNSEEN = -1e9f;

    private final Arena arena = Arena.ofConfined();
    private final Random random = new Random(5);
    private final Scratch scratch = new Scratch();

    @AfterEach
    void close() {
        scratch.close();
        arena.close();
    }

    static Stream<RowAttention> kernels() {
        return Stream.of(new RowAttention(new ScalarMatrixKernels(), new ScalarRowKernels()), RowAttention.best());
    }

    /** Two sequences with pasts of 5 and 9 slots, in pieces, the second shared by two groups; one blind row. */
    private static float[][] cachedMask() {
        int slots = 20, rows = 12;
        float[][] mask = new float[rows][slots + rows];
        for (float[] row : mask) Arrays.fill(row, UNSEEN);
        for (int row = 0; row < 11; row++) {
            int first = row < 4 ? 0 : row < 10 ? 4 : 10;
            for (int slot = 0; slot < slots; slot++) {
                boolean seen = first == 0 ? slot >= 2 && slot < 7 : slot >= 8 && slot < 12 || slot >= 14 && slot < 19;
                if (seen) mask[row][slot] = 0;
            }
            for (int other = first; other <= row; other++) mask[row][slots + other] = 0;
        }
        mask[5][15] = -.75f; // a mask is added, whatever it is
        return mask;
    }

    private static float[][] causalMask(int... lengths) {
        int rows = Arrays.stream(lengths).sum(), first = 0;
        float[][] mask = new float[rows][rows];
        for (float[] row : mask) Arrays.fill(row, UNSEEN);
        for (int length : lengths) {
            for (int i = 0; i < length; i++) for (int j = 0; j <= i; j++) mask[first + i][first + j] = 0;
            first += length;
        }
        return mask;
    }

    private RowGroups scan(float[][] mask) {
        MemorySegment memory = arena.allocate(4L * mask.length * mask[0].length, 64);
        for (int i = 0; i < mask.length; i++) {
            MemorySegment.copy(mask[i], 0, memory, ValueLayout.JAVA_FLOAT, 4L * i * mask[0].length, mask[0].length);
        }
        RowGroups groups = new RowGroups();
        groups.scan(memory, mask.length, mask[0].length);
        return groups;
    }

    private MemorySegment floats(int count) {
        MemorySegment memory = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        return memory;
    }

    /** Heads side by side in each row, as a projection writes them. */
    private Heads heads(int rows) {
        return new Heads(floats(rows * HEADS * DIM), 0, HEADS, rows, DIM, DIM, (long) HEADS * DIM, 1);
    }

    private Matrix matrix(int rows) {
        return Matrix.of(floats(rows * DIM), rows, DIM);
    }

    @Test
    void theScanFindsWhoSeesWhat() {
        RowGroups groups = scan(cachedMask());
        assertEquals(List.of(0, 4, 10), groups.groups().stream().map(RowGroup::fromRow).toList());
        assertEquals(List.of(11), groups.blind());
        assertArrayEquals(new int[]{8, 14, 24}, groups.groups().get(1).starts());
        assertArrayEquals(new int[]{12, 19, 30}, groups.groups().get(1).ends());
        assertArrayEquals(new int[]{10, 11, 12, 13, 14, 15}, groups.groups().get(1).seen());
        assertFalse(groups.disjoint());
        assertTrue(scan(causalMask(3, 1, 7)).disjoint());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void rowsAreTheTextbooks(RowAttention kernels) {
        float[][] mask = cachedMask();
        Heads q = heads(12), out = heads(12);
        KeyRows k = new KeyRows(matrix(20), matrix(12)), v = new KeyRows(matrix(20), matrix(12));
        RowGroups groups = scan(mask);
        for (int i = 0; i < groups.count(); i++) kernels.forward(groups, i, q, k, v, SCALE, out, scratch);
        for (int head = 0; head < HEADS; head++) {
            for (int row = 0; row < 11; row++) {
                double[] weights = weights(q, k, mask, head, row);
                for (int j = 0; j < DIM; j++) {
                    double expected = 0;
                    for (int key = 0; key < weights.length; key++) expected += weights[key] * at(v, key, j);
                    assertEquals(expected, out.head(head).get(row, j), 1e-5);
                }
            }
        }
    }

    private static double[] weights(Heads q, KeyRows k, float[][] mask, int head, int row) {
        double[] weights = new double[mask[row].length];
        double sum = 0;
        for (int key = 0; key < weights.length; key++) {
            double dot = 0;
            for (int j = 0; j < DIM; j++) dot += (double) q.head(head).get(row, j) * at(k, key, j);
            weights[key] = Math.exp(SCALE * dot + mask[row][key]);
            sum += weights[key];
        }
        for (int key = 0; key < weights.length; key++) weights[key] /= sum;
        return weights;
    }

    private static float at(KeyRows rows, int key, int j) {
        int slots = rows.past() == null ? 0 : rows.past().rows();
        return key < slots ? rows.past().get(key, j) : rows.fresh().get(key - slots, j);
    }

    /** Long enough for several blocks of rows, and with keys that two groups share and that lie apart. */
    private static float[][] trainingMask() {
        float[][] mask = causalMask(150, 1, 9, 5);
        for (int row = 160; row < 165; row++) for (int key = 151; key < 155; key++) mask[row][key] = 0;
        return mask;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void gradientsAreTheTextbooks(RowAttention kernels) {
        float[][] mask = trainingMask();
        int rows = mask.length;
        Heads q = heads(rows), dOut = heads(rows), dq = heads(rows);
        Matrix k = matrix(rows), v = matrix(rows), dk = matrix(rows), dv = matrix(rows);
        dk.memory().fill((byte) 0);
        dv.memory().fill((byte) 0);
        RowGroups groups = scan(mask);
        for (int i = 0; i < groups.count(); i++) {
            kernels.gradient(groups, i, q, k, v, SCALE, dOut, dq, dk, dv, scratch);
        }
        double[][] dKeys = new double[rows][DIM], dValues = new double[rows][DIM];
        for (int head = 0; head < HEADS; head++) {
            for (int row = 0; row < rows; row++) {
                double[] weights = weights(q, new KeyRows(null, k), mask, head, row);
                double[] slope = new double[rows];
                double mean = 0;
                for (int key = 0; key < rows; key++) {
                    for (int j = 0; j < DIM; j++) {
                        slope[key] += (double) dOut.head(head).get(row, j) * v.get(key, j);
                        dValues[key][j] += weights[key] * dOut.head(head).get(row, j);
                    }
                    mean += weights[key] * slope[key];
                }
                double[] dQuery = new double[DIM];
                for (int key = 0; key < rows; key++) {
                    double dLogit = SCALE * weights[key] * (slope[key] - mean);
                    for (int j = 0; j < DIM; j++) {
                        dQuery[j] += dLogit * k.get(key, j);
                        dKeys[key][j] += dLogit * q.head(head).get(row, j);
                    }
                }
                for (int j = 0; j < DIM; j++) assertEquals(dQuery[j], dq.head(head).get(row, j), 1e-4);
            }
        }
        for (int key = 0; key < rows; key++) {
            for (int j = 0; j < DIM; j++) {
                assertEquals(dKeys[key][j], dk.get(key, j), 1e-4);
                assertEquals(dValues[key][j], dv.get(key, j), 1e-4);
            }
        }
    }
}
