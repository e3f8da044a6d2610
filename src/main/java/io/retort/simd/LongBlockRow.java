package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row of quantised activations against weights of {@link BlockLayout#Q4_K} and {@link BlockLayout#Q6_K}, straight out
 * of their planes: some blocks of two vectors of rows, products first, then what scales them.
 *
 * <p>No code is cut out of the 16 bits that hold it. With h(i) these bits shifted to the right until code i is lowest,
 * {@code code(i) = h(i) - 2^b h(i + 1)}, b being the code's bits. So the sum of codes times activations is the sum of all
 * h(i) times {@code activation(i) - 2^b activation(i - 1)}, modulo 2^16, which is enough for a sum that 16 bits hold. The
 * second factors are the row's <em>coefficients</em>, made once for all weights.
 */
final class LongBlockRow {
    /** Blocks between products and scaling: their sums of products, and the weights, stay in the first cache. */
    private static final int STRETCH = 4;
    private static final int W = Lanes.COUNT;
    private static final int V = 2 * W;
    private static final int PLANE = BlockLayout.PLANE;
    private static final int EXTRA = BlockKernels.EXTRA;
    private static final VectorShape SHAPE = VectorShape.forBitSize(Lanes.FLOATS.vectorBitSize());
    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, SHAPE);

    private LongBlockRow() {
    }

    // ---- coefficients

    /**
     * Makes a row's coefficients.
     *
     * @param row its codes, pairs of an even column and an odd one
     * @param to  receives {@link BlockLayout#coefficients()} integers of each chunk, from {@code at} on
     */
    static void coefficients(BlockLayout layout, int[] row, int columns, int[] to, int at) {
        if (layout.codes() == BlockLayout.Codes.SIX) {
            for (int k = 0; k < columns / 2; k += 8, at += 10) sixes(row, k, to, at);
            return;
        }
        for (int k = 0; k < columns / 2; k += 4, at += 4) {
            to[at] = row[k];
            for (int i = 1; i < 4; i++) to[at + i] = minus(row[k + i], times(row[k + i - 1], 4));
        }
    }

    private static void sixes(int[] row, int k, int[] to, int at) {
        for (int i = 0; i < 6; i += 2) {
            int o = at + i / 2 * 3;
            to[o] = row[k + i];
            to[o + 1] = minus(row[k + i + 1], times(row[k + i], 6));
        }
        to[at + 2] = minus(row[k + 6], times(row[k + 1], 6));
        to[at + 5] = minus(row[k + 7], times(row[k + 3], 6));
        to[at + 8] = minus(times(row[k + 6], 4), times(row[k + 5], 6));
        to[at + 9] = minus(times(row[k + 7], 4), times(row[k + 6], 6));
    }

    /** Both halves times {@code 2^by}. */
    private static int times(int pair, int by) {
        return pair << by & (0xffff << by & 0xffff) * 0x10001;
    }

    /** The difference of both halves, each modulo 2^16. */
    private static int minus(int a, int b) {
        return a - b & 0xffff | (a >>> 16) - (b >>> 16) << 16;
    }

    // ---- products

    /**
     * Adds the products of a row with a panel of weights to sums.
     *
     * @param left         byte offset of the first block's first plane, of the rows of the first vector
     * @param right        the same of the second vector
     * @param row          holds the coefficients from {@code coefficients} on, and from {@code extra} on the terms' starts
     *                     and scales
     * @param products     room for sums of products
     * @param sums         {@code [2 vectors]} from {@code to} on, to which scaled sums are added; those of the summands from
     *                     {@code least} on
     */
    static void add(BlockMatrix b, long left, long right, int[] row, int coefficients, int extra, short[] products,
            float[] sums, int to, int least) {
        BlockLayout layout = b.layout();
        boolean six = layout.codes() == BlockLayout.Codes.SIX;
        int terms = layout.blockTerms(), words = terms * layout.coefficients();
        long bytes = layout.bytes(), scales = (long) PLANE * layout.scales();
        for (int from = 0; from < b.blocks(); from += STRETCH) {
            int count = Math.min(STRETCH, b.blocks() - from);
            for (int i = 0; i < count; i++) {
                long at = bytes * (from + i);
                int c = coefficients + words * (from + i), o = 2 * V * terms * i;
                if (six)
                    six(b.memory(), left + at, right + at, row, c, extra + EXTRA * terms * (from + i), products, o);
                else
                    four(b.memory(), left + at, right + at, row, c, products, o);
            }
            int e = extra + EXTRA * terms * from;
            for (int v = 0; v < 2; v++) {
                long at = (v == 0 ? left : right) + bytes * from + scales;
                if (six) sixteen(b.memory(), at, bytes, count, products, V * v, row, e, sums, to + W * v);
                else pairs(b.memory(), at, bytes, count, products, V * v, row, e, sums, to + W * v, least + W * v);
            }
        }
    }

    /** The sums of products {@code [term][2 vectors]} of a block with codes of four bits. */
    private static void four(MemorySegment blocks, long left, long right, int[] c, int a, short[] sums, int to) {
        ShortVector s = ShortVector.zero(S), t = s;
        for (int p = 0; p < BlockLayout.LONGEST / 8; p++) {
            ShortVector w = shorts(blocks, left + (long) PLANE * p), x = shorts(blocks, right + (long) PLANE * p);
            ShortVector y = BlockTile.pair(c[a + 4 * p]);
            s = s.add(w.mul(y));
            t = t.add(x.mul(y));
            y = BlockTile.pair(c[a + 4 * p + 1]);
            s = s.add(right(w, 4).mul(y));
            t = t.add(right(x, 4).mul(y));
            y = BlockTile.pair(c[a + 4 * p + 2]);
            s = s.add(right(w, 8).mul(y));
            t = t.add(right(x, 8).mul(y));
            y = BlockTile.pair(c[a + 4 * p + 3]);
            s = s.add(right(w, 12).mul(y));
            t = t.add(right(x, 12).mul(y));
            if ((p & 3) == 3) {
                s.intoArray(sums, to + 2 * V * (p >> 2));
                t.intoArray(sums, to + 2 * V * (p >> 2) + V);
                s = ShortVector.zero(S);
                t = ShortVector.zero(S);
            }
        }
    }

    /** The same with codes of six bits; one vector after the other, for two would be more than the JIT compiler inlines. */
    private static void six(MemorySegment blocks, long left, long right, int[] c, int a, int e, short[] sums, int to) {
        for (int v = 0; v < 2; v++) {
            long at = v == 0 ? left : right;
            int o = to + V * v;
            for (int t = 0; t < BlockLayout.LONGEST / 16; t++) {
                ShortVector s = BlockTile.pair(c[e + EXTRA * t]);
                ShortVector w = shorts(blocks, at + 3L * PLANE * t);
                s = s.add(w.mul(BlockTile.pair(c[a + 10 * t])));
                s = s.add(right(w, 6).mul(BlockTile.pair(c[a + 10 * t + 1])));
                s = s.add(right(w, 12).mul(BlockTile.pair(c[a + 10 * t + 2])));
                w = shorts(blocks, at + 3L * PLANE * t + PLANE);
                s = s.add(w.mul(BlockTile.pair(c[a + 10 * t + 3])));
                s = s.add(right(w, 6).mul(BlockTile.pair(c[a + 10 * t + 4])));
                s = s.add(right(w, 12).mul(BlockTile.pair(c[a + 10 * t + 5])));
                w = shorts(blocks, at + 3L * PLANE * t + 2 * PLANE);
                s = s.add(w.mul(BlockTile.pair(c[a + 10 * t + 6])));
                s = s.add(right(w, 6).mul(BlockTile.pair(c[a + 10 * t + 7])));
                s = s.add(right(w, 12).mul(BlockTile.pair(c[a + 10 * t + 8])));
                s = s.add(right(w, 14).mul(BlockTile.pair(c[a + 10 * t + 9])));
                s.intoArray(sums, o + 2 * V * t);
            }
        }
    }

    // ---- scales

    /** Adds scaled sums of products, and the summands, of one vector of rows of some blocks of {@code Q4_K}. */
    private static void pairs(MemorySegment blocks, long at, long step, int count, short[] products, int o, int[] row,
            int e, float[] sums, int to, int least) {
        FloatVector sum = FloatVector.fromArray(F, sums, to), low = FloatVector.fromArray(F, sums, least);
        FloatVector d = sum, m = sum;
        for (int i = 0; i < 4 * count; i++) {
            long block = at + step * (i >> 2);
            if ((i & 3) == 0) {
                d = Vectors.get(blocks, block);
                m = Vectors.get(blocks, block + PLANE).neg();
            }
            IntVector bytes = BlockRow.ints(blocks, block + 2 * PLANE + (long) PLANE * (i & 3));
            sum = floats(products, o + 4 * V * i).mul(BlockTile.number(row[e + 2 * EXTRA * i + 1]))
                    .fma(floats(bytes.and(255)).mul(d), sum);
            low = BlockTile.number(row[e + 2 * EXTRA * i + 2]).fma(floats(BlockRow.right(bytes, 8).and(255)).mul(m),
                    low);
            sum = floats(products, o + 4 * V * i + 2 * V).mul(BlockTile.number(row[e + 2 * EXTRA * i + EXTRA + 1]))
                    .fma(floats(BlockRow.right(bytes, 16).and(255)).mul(d), sum);
            low = BlockTile.number(row[e + 2 * EXTRA * i + EXTRA + 2]).fma(floats(BlockRow.right(bytes, 24)).mul(m),
                    low);
        }
        sum.intoArray(sums, to);
        low.intoArray(sums, least);
    }

    /**
     * Adds scaled sums of products of one vector of rows of some blocks of {@code Q6_K}; two terms at a time, for four would
     * be more than the JIT compiler inlines.
     */
    private static void sixteen(MemorySegment blocks, long at, long step, int count, short[] products, int o, int[] row,
            int e, float[] sums, int to) {
        FloatVector sum = FloatVector.fromArray(F, sums, to), d = sum;
        for (int i = 0; i < 8 * count; i++) {
            long block = at + step * (i >> 3);
            if ((i & 7) == 0) d = Vectors.get(blocks, block);
            IntVector bytes = BlockRow.ints(blocks, block + PLANE + (long) PLANE * (i >> 1 & 3))
                    .lanewise(VectorOperators.LSHL, 16 - 16 * (i & 1));
            sum = floats(products, o + 4 * V * i).mul(BlockTile.number(row[e + 2 * EXTRA * i + 1]))
                    .fma(signed(bytes.lanewise(VectorOperators.LSHL, 8)).mul(d), sum);
            sum = floats(products, o + 4 * V * i + 2 * V).mul(BlockTile.number(row[e + 2 * EXTRA * i + EXTRA + 1]))
                    .fma(signed(bytes).mul(d), sum);
        }
        sum.intoArray(sums, to);
    }

    /** The signed byte on top. */
    private static FloatVector signed(IntVector bytes) {
        return floats(bytes.lanewise(VectorOperators.ASHR, 24));
    }

    /** The sums of both columns. */
    private static FloatVector floats(short[] products, int at) {
        return BlockTile.floats(ShortVector.fromArray(S, products, at));
    }

    private static FloatVector floats(IntVector values) {
        return (FloatVector) values.convert(VectorOperators.I2F, 0);
    }

    private static ShortVector right(ShortVector x, int by) {
        return x.lanewise(VectorOperators.LSHR, by);
    }

    private static ShortVector shorts(MemorySegment x, long at) {
        return ShortVector.fromMemorySegment(S, OffHeap.of(x), at, LITTLE_ENDIAN);
    }
}
