package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row of quantised activations against weights straight out of their planes: what {@link BlockTile#products} does,
 * for so few rows that storing unpacked weights would take longer than unpacking them again.
 *
 * <p>A loop goes over planes, not over terms and their planes within: what the JIT compiler does ahead of each loop, to
 * have no range checks in it, takes as long as the four planes of a term. A loop's body is about all that it inlines into
 * one method; beyond that, every vector would be an object.
 */
final class BlockRow {
    private static final int V = 2 * Lanes.COUNT;
    private static final int PLANE = BlockLayout.PLANE;
    /** Bytes of a cache line. */
    private static final int LINE = 64;
    /** Bytes that are called for at a time: more lines than a core waits for at once, fewer than disturb its first cache. */
    private static final long AHEAD = 4 << 10;
    private static final VectorShape SHAPE = VectorShape.forBitSize(Lanes.FLOATS.vectorBitSize());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, SHAPE);
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, SHAPE);
    /** The lower four bits of both halves of an integer, and their fifth bits. */
    private static final int FOUR = 0x000f000f, FIFTH = 0x00100010;

    private BlockRow() {
    }

    /**
     * Multiplies a row of activations with a span of weights.
     *
     * @param left  byte offset of the first block's first plane, of the rows of the first vector
     * @param right the same of the second vector
     * @param terms number of terms, whole blocks of them
     * @param codes activations
     * @param a     index of the first term
     * @param sums  receives sums of products {@code [term][2 vectors]} from {@code to} on
     */
    static void products(BlockLayout layout, MemorySegment blocks, long left, long right, int terms, int[] codes, int a,
            short[] sums, int to) {
        // What lies between a block's last lower bits and the next one's first; long blocks come one at a time.
        long gap = layout.columns() == BlockLayout.LONGEST ? 0 : (long) PLANE * (layout.planes() - layout.high());
        long high = (long) PLANE * layout.high();
        switch (layout.codes()) {
            case FIVE -> five(blocks, left, right, gap, high, gap == 0 ? PLANE : layout.bytes(), terms, codes, a, sums,
                    to);
            default -> four(blocks, left, right, gap, 4 * layout.terms() - 1, terms, codes, a, sums, to);
        }
    }

    /**
     * Reads a byte of each cache line of the {@value #AHEAD} bytes that come after the next ones, when that time has come,
     * so that memory is asked for many lines at once. Between the lines of a product there is so much to compute that a
     * core would ask for three or four, and wait for half of the time.
     *
     * @param at    byte offset of the span of weights that is multiplied next
     * @param bytes of this span
     * @return something of what was read, to be stored, or the JIT compiler would leave out the reading
     */
    static short touch(MemorySegment blocks, long at, long bytes) {
        long from = (at / AHEAD + 2) * AHEAD, to = ((at + bytes) / AHEAD + 2) * AHEAD;
        if (from == to) return 0;
        MemorySegment memory = OffHeap.of(blocks);
        long end = Math.min(to, memory.byteSize());
        int any = 0;
        for (long line = from; line < end; line += LINE) any |= memory.get(ValueLayout.JAVA_BYTE, line);
        return (short) any;
    }

    /** Codes of four bits; behind each plane whose number has all bits of {@code last} there is a gap. */
    private static void four(MemorySegment blocks, long left, long right, long gap, int last, int terms, int[] codes,
            int a, short[] sums, int to) {
        ShortVector s = ShortVector.zero(S), t = s;
        IntVector mask = IntVector.broadcast(I, FOUR);
        for (int p = 0; p < 4 * terms; p++) {
            IntVector w = ints(blocks, left), x = ints(blocks, right);
            ShortVector y = BlockTile.pair(codes[a + 4 * p]);
            s = s.add(four(w, mask).mul(y));
            t = t.add(four(x, mask).mul(y));
            y = BlockTile.pair(codes[a + 4 * p + 1]);
            s = s.add(four(right(w, 4), mask).mul(y));
            t = t.add(four(right(x, 4), mask).mul(y));
            y = BlockTile.pair(codes[a + 4 * p + 2]);
            s = s.add(four(right(w, 8), mask).mul(y));
            t = t.add(four(right(x, 8), mask).mul(y));
            y = BlockTile.pair(codes[a + 4 * p + 3]);
            s = s.add(four(right(w, 12), mask).mul(y));
            t = t.add(four(right(x, 12), mask).mul(y));
            left += PLANE;
            right += PLANE;
            if ((p & 3) == 3) {
                s.intoArray(sums, to);
                t.intoArray(sums, to + V);
                s = ShortVector.zero(S);
                t = ShortVector.zero(S);
                to += 2 * V;
                if ((p & last) == last) {
                    left += gap;
                    right += gap;
                }
            }
        }
    }

    /**
     * Codes of five bits; planes of fifth bits begin {@code high} bytes behind the first plane, {@code step} bytes apart.
     * One vector after the other, for two at a time would be more than the JIT compiler inlines.
     */
    private static void five(MemorySegment blocks, long left, long right, long gap, long high, long step, int terms,
            int[] codes, int a, short[] sums, int to) {
        IntVector mask = IntVector.broadcast(I, FOUR), fifth = IntVector.broadcast(I, FIFTH);
        for (int v = 0; v < 2; v++) {
            long at = v == 0 ? left : right, upper = at + high;
            int o = to + V * v;
            ShortVector s = ShortVector.zero(S);
            IntVector g = ints(blocks, upper);
            for (int p = 0; p < 4 * terms; p++) {
                IntVector w = ints(blocks, at);
                s = s.add(more(w, mask, left(g, 4), fifth).mul(BlockTile.pair(codes[a + 4 * p])));
                s = s.add(more(right(w, 4), mask, left(g, 3), fifth).mul(BlockTile.pair(codes[a + 4 * p + 1])));
                s = s.add(more(right(w, 8), mask, left(g, 2), fifth).mul(BlockTile.pair(codes[a + 4 * p + 2])));
                s = s.add(more(right(w, 12), mask, left(g, 1), fifth).mul(BlockTile.pair(codes[a + 4 * p + 3])));
                at += PLANE;
                g = right(g, 4);
                if ((p & 3) == 3) {
                    s.intoArray(sums, o);
                    s = ShortVector.zero(S);
                    o += 2 * V;
                    at += gap;
                    upper += step;
                    if (p < 4 * terms - 1) g = ints(blocks, upper);
                }
            }
        }
    }

    private static ShortVector four(IntVector plane, IntVector mask) {
        return plane.and(mask).reinterpretAsShorts();
    }

    private static ShortVector more(IntVector plane, IntVector mask, IntVector upper, IntVector upperMask) {
        return plane.and(mask).or(upper.and(upperMask)).reinterpretAsShorts();
    }

    // Shifts are of integers, by a number in the instruction: shifts of shorts take it from a register.
    static IntVector right(IntVector x, int by) {
        return x.lanewise(VectorOperators.LSHR, by);
    }

    private static IntVector left(IntVector x, int by) {
        return x.lanewise(VectorOperators.LSHL, by);
    }

    static IntVector ints(MemorySegment x, long at) {
        return IntVector.fromMemorySegment(I, OffHeap.of(x), at, LITTLE_ENDIAN);
    }
}
