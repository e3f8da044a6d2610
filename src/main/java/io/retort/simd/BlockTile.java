package io.retort.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link VectorBlockKernels}: rows of quantised activations against one panel of unpacked weights,
 * two vectors wide. A vector of shorts holds two columns of as many weight rows as a vector of floats has lanes; the
 * activations of these columns are broadcast against it, as one integer. Products add up in 16 bits until a term ends,
 * then both columns in 32 bits, and are scaled into sums of floats.
 *
 * <p>The panel: {@code [pair of columns][2 vectors]} shorts; scales and mins: {@code [term][2 vectors]} floats. All is
 * in arrays: accesses of memory segments are so many nodes to the JIT compiler that it would not inline this.
 */
final class BlockTile {
    private static final int ROWS = BlockKernels.TILE;
    private static final int W = Lanes.COUNT;
    /** Shorts of a vector. */
    private static final int V = 2 * W;
    private static final int EXTRA = BlockKernels.EXTRA;
    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());

    private BlockTile() {
    }

    /**
     * Adds the products of some terms of four rows to sums {@code [4, 2 vectors]} from {@code to} on.
     *
     * @param panel   unpacked weights of these terms, and from {@code spare} on room for 8 vectors
     * @param scales  scales of the terms
     * @param codes   activations of four rows, one integer of each after the other
     * @param a       index of the first term
     * @param e       index of the first term's starts
     * @param pairs  pairs of columns of a term
     */
    static void four(short[] panel, int spare, float[] scales, int[] codes, int a, int e, int terms,
            int pairs, float[] sums, int to) {
        ShortVector zero = ShortVector.zero(S);
        ShortVector s0 = zero, s1 = zero, s2 = zero, s3 = zero, t0 = zero, t1 = zero, t2 = zero, t3 = zero;
        for (int term = 0; term < terms; term++) {
            int first = term * pairs;
            for (int k = first; k < first + pairs; k++) {
                ShortVector w = shorts(panel, 2 * V * k), x = shorts(panel, 2 * V * k + V);
                ShortVector y = pair(codes[a + ROWS * k]);
                s0 = w.mul(y).add(s0);
                t0 = x.mul(y).add(t0);
                y = pair(codes[a + ROWS * k + 1]);
                s1 = w.mul(y).add(s1);
                t1 = x.mul(y).add(t1);
                y = pair(codes[a + ROWS * k + 2]);
                s2 = w.mul(y).add(s2);
                t2 = x.mul(y).add(t2);
                y = pair(codes[a + ROWS * k + 3]);
                s3 = w.mul(y).add(s3);
                t3 = x.mul(y).add(t3);
            }
            s0.intoArray(panel, spare);
            t0.intoArray(panel, spare + V);
            s1.intoArray(panel, spare + 2 * V);
            t1.intoArray(panel, spare + 3 * V);
            s2.intoArray(panel, spare + 4 * V);
            t2.intoArray(panel, spare + 5 * V);
            s3.intoArray(panel, spare + 6 * V);
            t3.intoArray(panel, spare + 7 * V);
            for (int v = 0; v < 2 * ROWS; v++) {
                add(sums, to + v * W, shorts(panel, spare + V * v), scales, (2 * term + (v & 1)) * W, codes,
                        e + ROWS * EXTRA * term + (v >> 1), ROWS);
            }
            s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = zero;
        }
    }

    /** Adds the products of some terms of one row, as {@link #four} does. */
    static void one(short[] panel, float[] scales, int[] codes, int a, int e, int terms, int pairs,
            float[] sums, int to) {
        ShortVector zero = ShortVector.zero(S), s = zero, t = zero;
        for (int term = 0; term < terms; term++) {
            int first = term * pairs;
            for (int k = first; k < first + pairs; k += 2) {
                ShortVector y = pair(codes[a + k]);
                s = shorts(panel, 2 * V * k).mul(y).add(s);
                t = shorts(panel, 2 * V * k + V).mul(y).add(t);
                y = pair(codes[a + k + 1]);
                s = shorts(panel, 2 * V * k + 2 * V).mul(y).add(s);
                t = shorts(panel, 2 * V * k + 3 * V).mul(y).add(t);
            }
            add(sums, to, s, scales, term * 2 * W, codes, e + term * EXTRA, 1);
            add(sums, to + W, t, scales, term * 2 * W + W, codes, e + term * EXTRA, 1);
            s = t = zero;
        }
    }

    /** Adds a term's products, scaled, to some sums of a row. */
    private static void add(float[] sums, int to, ShortVector products, float[] scales, int scale, int[] codes,
            int extra, int step) {
        FloatVector all = floats(products.add(pair(codes[extra])));
        all.mul(number(codes[extra + step])).fma(floats(scales, scale), floats(sums, to)).intoArray(sums, to);
    }

    /**
     * Adds the scaled sums of a row's codes, times the mins of the weights, to sums {@code [2 vectors]} from {@code to}
     * on.
     *
     * @param scales from {@code mins} on the mins of these terms
     * @param e      index of the scaled sum of the row's first term
     * @param step   from there to the next
     */
    static void mins(float[] scales, int mins, int[] codes, int e, int step, int terms, float[] sums, int to) {
        FloatVector left = floats(sums, to), right = floats(sums, to + W);
        for (int term = 0; term < terms; term++) {
            FloatVector total = number(codes[e + term * step]);
            left = total.fma(floats(scales, mins + term * 2 * W), left);
            right = total.fma(floats(scales, mins + term * 2 * W + W), right);
        }
        left.intoArray(sums, to);
        right.intoArray(sums, to + W);
    }

    /** The sums of both columns, in 32 bits, as floats. */
    private static FloatVector floats(ShortVector sums) {
        IntVector pairs = sums.reinterpretAsInts();
        IntVector odd = pairs.lanewise(VectorOperators.ASHR, 16);
        IntVector even = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
        return (FloatVector) even.add(odd).convert(VectorOperators.I2F, 0);
    }

    private static FloatVector floats(float[] values, int at) {
        return FloatVector.fromArray(F, values, at);
    }

    private static ShortVector shorts(short[] panel, int at) {
        return ShortVector.fromArray(S, panel, at);
    }

    private static ShortVector pair(int codes) {
        return IntVector.broadcast(I, codes).reinterpretAsShorts();
    }

    private static FloatVector number(int bits) {
        return FloatVector.broadcast(F, Float.intBitsToFloat(bits));
    }
}
