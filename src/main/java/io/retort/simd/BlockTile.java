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
    /** Rows of the largest tile. */
    static final int ROWS = 4;
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
     * @param codes   rows of activations, {@code words} from one to the next
     * @param a       index of the first row's first term
     * @param e       index of the start of the first row's first term
     * @param last    number of the last row, at most 3, which stands in for those beyond
     * @param steps   how many times eight pairs there are
     * @param perTerm steps of a term, 1 or 2
     */
    static void four(short[] panel, int spare, float[] scales, int[] codes, int a, int e, int words,
            int last, int steps, int perTerm, float[] sums, int to) {
        int a1 = a + Math.min(1, last) * words, a2 = a + Math.min(2, last) * words, a3 = a + Math.min(3, last) * words;
        ShortVector zero = ShortVector.zero(S);
        ShortVector s0 = zero, s1 = zero, s2 = zero, s3 = zero, t0 = zero, t1 = zero, t2 = zero, t3 = zero;
        int term = 0;
        for (int step = 0; step < steps; step++) {
            // Loops of two, which the JIT compiler unrolls: written out they would be more than it inlines.
            for (int h = 0; h < 2; h++) {
                for (int q = 0; q < 2; q++) {
                    for (int i = 0; i < 2; i++) {
                        int k = 8 * step + 4 * h + 2 * q + i;
                        ShortVector w = shorts(panel, 2 * V * k), x = shorts(panel, 2 * V * k + V);
                        ShortVector y = pair(codes[a + k]);
                        s0 = w.mul(y).add(s0);
                        t0 = x.mul(y).add(t0);
                        y = pair(codes[a1 + k]);
                        s1 = w.mul(y).add(s1);
                        t1 = x.mul(y).add(t1);
                        y = pair(codes[a2 + k]);
                        s2 = w.mul(y).add(s2);
                        t2 = x.mul(y).add(t2);
                        y = pair(codes[a3 + k]);
                        s3 = w.mul(y).add(s3);
                        t3 = x.mul(y).add(t3);
                    }
                }
            }
            if ((step & perTerm - 1) != perTerm - 1) continue;
            s0.intoArray(panel, spare);
            t0.intoArray(panel, spare + V);
            s1.intoArray(panel, spare + 2 * V);
            t1.intoArray(panel, spare + 3 * V);
            s2.intoArray(panel, spare + 4 * V);
            t2.intoArray(panel, spare + 5 * V);
            s3.intoArray(panel, spare + 6 * V);
            t3.intoArray(panel, spare + 7 * V);
            for (int v = 0; v < 2 * ROWS; v++) {
                add(sums, to + v * W, shorts(panel, spare + V * v), scales, (2 * term + (v & 1)) * W, codes, e
                        + Math.min(v >> 1, last) * words + term * EXTRA);
            }
            s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = zero;
            term++;
        }
    }

    /** Adds the products of some terms of one row, as {@link #four} does. */
    static void one(short[] panel, float[] scales, int[] codes, int a, int e, int steps, int perTerm,
            float[] sums, int to) {
        ShortVector zero = ShortVector.zero(S), s = zero, t = zero;
        int term = 0;
        for (int step = 0; step < steps; step++) {
            for (int h = 0; h < 2; h++) {
                for (int q = 0; q < 2; q++) {
                    int k = 8 * step + 4 * h + 2 * q;
                    ShortVector y = pair(codes[a + k]);
                    s = shorts(panel, 2 * V * k).mul(y).add(s);
                    t = shorts(panel, 2 * V * k + V).mul(y).add(t);
                    y = pair(codes[a + k + 1]);
                    s = shorts(panel, 2 * V * k + 2 * V).mul(y).add(s);
                    t = shorts(panel, 2 * V * k + 3 * V).mul(y).add(t);
                }
            }
            if ((step & perTerm - 1) != perTerm - 1) continue;
            add(sums, to, s, scales, term * 2 * W, codes, e + term * EXTRA);
            add(sums, to + W, t, scales, term * 2 * W + W, codes, e + term * EXTRA);
            s = t = zero;
            term++;
        }
    }

    /** Adds a term's products, scaled, to some sums of a row. */
    private static void add(float[] sums, int to, ShortVector products, float[] scales, int scale, int[] codes,
            int extra) {
        FloatVector all = floats(products.add(pair(codes[extra])));
        all.mul(number(codes[extra + 1])).fma(floats(scales, scale), floats(sums, to)).intoArray(sums, to);
    }

    /**
     * Adds the scaled sums of a row's codes, times the mins of the weights, to sums {@code [2 vectors]} from {@code to}
     * on.
     *
     * @param scales from {@code mins} on the mins of these terms
     * @param e      index of the start of the row's first term
     */
    static void mins(float[] scales, int mins, int[] codes, int e, int terms, float[] sums, int to) {
        FloatVector left = floats(sums, to), right = floats(sums, to + W);
        for (int term = 0; term < terms; term++) {
            FloatVector total = number(codes[e + term * EXTRA + 2]);
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
