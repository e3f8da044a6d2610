package io.retort.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link VectorBlockKernels}: rows of quantised activations against one panel of unpacked weights,
 * two vectors wide. A vector of shorts holds two columns of as many weight rows as a vector of floats has lanes; the
 * activations of these columns are broadcast against it, as one integer. Products add up in 16 bits until a term ends;
 * then both columns are added in 32 bits, and scaled into sums of floats.
 *
 * <p>The panel: {@code [pair of columns][2 vectors]} shorts; scales and mins: {@code [term][2 vectors]} floats. All is
 * in arrays: accesses of memory segments are so many nodes to the JIT compiler that it would not inline this.
 */
final class BlockTile {
    private static final int ROWS = BlockKernels.TILE;
    private static final int W = Lanes.COUNT;
    /** Shorts of a vector. */
    private static final int V = 2 * W;
    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());

    private BlockTile() {
    }

    /**
     * Multiplies four rows of activations with some terms of the weights.
     *
     * @param panel unpacked weights of these terms, and from {@code to} on room for their sums of products
     *     {@code [term][4 rows][2 vectors]}
     * @param codes activations of four rows, one integer of each after the other
     * @param a     index of the first term
     * @param pairs pairs of columns of a term, a power of two
     */
    static void products(short[] panel, int to, int[] codes, int a, int terms, int pairs) {
        ShortVector zero = ShortVector.zero(S);
        ShortVector s0 = zero, s1 = zero, s2 = zero, s3 = zero, t0 = zero, t1 = zero, t2 = zero, t3 = zero;
        int last = pairs - 1;
        // One loop over all terms: what the JIT compiler does ahead of a loop would be done for each of them.
        for (int k = 0; k < terms * pairs; k++) {
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
            if ((k & last) == last) {
                s0.intoArray(panel, to);
                t0.intoArray(panel, to + V);
                s1.intoArray(panel, to + 2 * V);
                t1.intoArray(panel, to + 3 * V);
                s2.intoArray(panel, to + 4 * V);
                t2.intoArray(panel, to + 5 * V);
                s3.intoArray(panel, to + 6 * V);
                t3.intoArray(panel, to + 7 * V);
                to += 2 * ROWS * V;
                s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = zero;
            }
        }
    }

    /**
     * Scales sums of products and adds them to sums {@code [rows][2 vectors]} from {@code to} on, and the summands of
     * weights to those from {@code to + least} on. Both are one method so that it is too long to be inlined: a caller that has them twice is more than
     * the JIT compiler takes.
     *
     * @param rows     how many rows are wanted
     * @param stride   how many rows lie side by side, 1 or 4
     * @param products sums of products {@code [term][stride][2 vectors]} from {@code at} on
     * @param scales   scales of the terms, and from {@code mins} on their mins, if it is not negative
     * @param codes    activations; {@code e} is the index of the first term's start
     */
    static void scale(int rows, int stride, short[] products, int at, float[] scales, int mins, int[] codes, int e,
            int terms, float[] sums, int to, int least) {
        for (int row = 0; row < rows; row++) {
            int o = at + row * 2 * V, extra = e + row, s = to + row * 2 * W;
            FloatVector left = floats(sums, s), right = floats(sums, s + W);
            for (int term = 0; term < terms; term++) {
                ShortVector start = pair(codes[extra]);
                FloatVector factor = number(codes[extra + stride]);
                left = floats(shorts(products, o).add(start)).mul(factor).fma(floats(scales, term * 2 * W), left);
                right = floats(shorts(products, o + V).add(start)).mul(factor).fma(floats(scales, term * 2 * W + W),
                        right);
                o += stride * 2 * V;
                extra += stride * BlockKernels.EXTRA;
            }
            left.intoArray(sums, s);
            right.intoArray(sums, s + W);
            if (mins >= 0) {
                s += least;
                left = floats(sums, s);
                right = floats(sums, s + W);
                extra = e + row + 2 * stride;
                for (int term = 0; term < terms; term++) {
                    FloatVector total = number(codes[extra + term * stride * BlockKernels.EXTRA]);
                    left = total.fma(floats(scales, mins + term * 2 * W), left);
                    right = total.fma(floats(scales, mins + term * 2 * W + W), right);
                }
                left.intoArray(sums, s);
                right.intoArray(sums, s + W);
            }
        }
    }

    /** The sums of both columns, in 32 bits, as floats. */
    static FloatVector floats(ShortVector sums) {
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

    static ShortVector pair(int codes) {
        return IntVector.broadcast(I, codes).reinterpretAsShorts();
    }

    static FloatVector number(int bits) {
        return FloatVector.broadcast(F, Float.intBitsToFloat(bits));
    }
}
