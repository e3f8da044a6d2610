package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row of quantised activations against weights straight out of their planes: what {@link BlockTile#products} does,
 * for so few rows that storing unpacked weights would take longer than unpacking them again.
 */
final class BlockRow {
    private static final int V = 2 * Lanes.COUNT;
    private static final int PLANE = BlockLayout.PLANE;
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class,
            VectorShape.forBitSize(Lanes.FLOATS.vectorBitSize()));

    private BlockRow() {
    }

    /**
     * Multiplies a row of activations with some blocks of weights.
     *
     * @param left   byte offset of the first block's first plane, of the rows of the first vector
     * @param right  the same of the second vector
     * @param count  number of blocks
     * @param codes  activations
     * @param a      index of the first term
     * @param sums   receives sums of products {@code [term][2 vectors]} from {@code to} on
     */
    static void products(BlockLayout layout, MemorySegment blocks, long left, long right, int count, int[] codes,
            int a, short[] sums, int to) {
        int terms = layout.columns() / layout.chunk() * layout.terms();
        long high = (long) PLANE * layout.high();
        for (int b = 0; b < count; b++) {
            int index = a + b * terms * layout.chunk() / 2, o = to + 2 * V * terms * b;
            switch (layout.codes()) {
                case FIVE -> more(blocks, left, right, high, terms, 4, 1, codes, index, sums, o);
                case SIX -> more(blocks, left, right, high, terms, 2, 2, codes, index, sums, o);
                default -> four(blocks, left, right, terms, codes, index, sums, o);
            }
            left += layout.bytes();
            right += layout.bytes();
        }
    }

    private static void four(MemorySegment blocks, long left, long right, int terms, int[] codes, int a, short[] sums,
            int to) {
        for (int term = 0; term < terms; term++) {
            ShortVector s = ShortVector.zero(S), t = s;
            for (int p = 4 * term; p < 4 * term + 4; p++) {
                ShortVector w = shorts(blocks, left + (long) PLANE * p), x = shorts(blocks, right + (long) PLANE * p);
                ShortVector y = BlockTile.pair(codes[a + 4 * p]);
                s = first(w).mul(y).add(s);
                t = first(x).mul(y).add(t);
                y = BlockTile.pair(codes[a + 4 * p + 1]);
                s = second(w).mul(y).add(s);
                t = second(x).mul(y).add(t);
                y = BlockTile.pair(codes[a + 4 * p + 2]);
                s = third(w).mul(y).add(s);
                t = third(x).mul(y).add(t);
                y = BlockTile.pair(codes[a + 4 * p + 3]);
                s = right(w, 12).mul(y).add(s);
                t = right(x, 12).mul(y).add(t);
            }
            s.intoArray(sums, to + 2 * V * term);
            t.intoArray(sums, to + 2 * V * term + V);
        }
    }

    /**
     * Products with codes of more than four bits. The loop of four is not written out, for then it would be more than
     * the JIT compiler inlines.
     *
     * @param planes how many planes of lower bits share one of upper bits, which are {@code bits} of each code
     */
    private static void more(MemorySegment blocks, long left, long right, long high, int terms, int planes, int bits,
            int[] codes, int a, short[] sums, int to) {
        short mask = (short) ((1 << bits) - 1 << 4);
        for (int term = 0; term < terms; term++) {
            ShortVector s = ShortVector.zero(S), t = s;
            ShortVector g = shorts(blocks, left + high + (long) PLANE * term);
            ShortVector h = shorts(blocks, right + high + (long) PLANE * term);
            for (int p = planes * term; p < planes * (term + 1); p++) {
                ShortVector w = shorts(blocks, left + (long) PLANE * p), x = shorts(blocks, right + (long) PLANE * p);
                for (int i = 0; i < 4; i++) {
                    ShortVector y = BlockTile.pair(codes[a + 4 * p + i]);
                    s = first(w).or(left(g, 4).and(mask)).mul(y).add(s);
                    t = first(x).or(left(h, 4).and(mask)).mul(y).add(t);
                    w = right(w, 4);
                    x = right(x, 4);
                    g = right(g, bits);
                    h = right(h, bits);
                }
            }
            s.intoArray(sums, to + 2 * V * term);
            t.intoArray(sums, to + 2 * V * term + V);
        }
    }

    private static ShortVector first(ShortVector word) {
        return word.and((short) 15);
    }

    private static ShortVector second(ShortVector word) {
        return right(word, 4).and((short) 15);
    }

    private static ShortVector third(ShortVector word) {
        return right(word, 8).and((short) 15);
    }

    private static ShortVector right(ShortVector x, int by) {
        return x.lanewise(VectorOperators.LSHR, by);
    }

    private static ShortVector left(ShortVector x, int by) {
        return x.lanewise(VectorOperators.LSHL, by);
    }

    private static ShortVector shorts(MemorySegment x, long at) {
        return ShortVector.fromMemorySegment(S, OffHeap.of(x), at, LITTLE_ENDIAN);
    }
}
