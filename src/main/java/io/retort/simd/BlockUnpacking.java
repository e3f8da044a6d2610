package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Unpacks blocks of weights into a panel of {@link BlockTile}, a vector of rows at a time: the bits of codes to shorts,
 * the scales to floats.
 */
final class BlockUnpacking {
    private static final int W = Lanes.COUNT;
    /** Shorts of a vector. */
    private static final int V = 2 * W;
    private static final int PLANE = BlockLayout.PLANE;
    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());

    private BlockUnpacking() {
    }

    /**
     * Unpacks the codes of one block of a vector of rows.
     *
     * @param at byte offset of the block's first plane, of the first of these rows
     * @param to index in the panel of the first pair's vector
     */
    static void codes(BlockLayout layout, MemorySegment blocks, long at, short[] panel, int to) {
        switch (layout.codes()) {
            case FIVE -> five(blocks, at, at + (long) PLANE * layout.high(), layout.columns() / 32, panel, to);
            case SIX -> six(blocks, at, layout.columns() / 16, panel, to);
            default -> four(blocks, at, layout.high(), panel, to);
        }
    }

    private static void four(MemorySegment blocks, long at, int planes, short[] panel, int to) {
        for (int p = 0; p < planes; p++) {
            ShortVector word = shorts(blocks, at + (long) PLANE * p);
            int o = to + 8 * V * p;
            put(word.and((short) 15), panel, o);
            put(right(word, 4).and((short) 15), panel, o + 2 * V);
            put(right(word, 8).and((short) 15), panel, o + 4 * V);
            put(right(word, 12), panel, o + 6 * V);
        }
    }

    /**
     * Unpacks codes of five bits.
     *
     * @param high byte offset of the first plane of fifth bits
     */
    private static void five(MemorySegment blocks, long at, long high, int highs, short[] panel, int to) {
        for (int h = 0; h < highs; h++) {
            ShortVector upper = shorts(blocks, high + (long) PLANE * h);
            for (int p = 4 * h; p < 4 * h + 4; p++) {
                ShortVector word = shorts(blocks, at + (long) PLANE * p);
                for (int i = 0; i < 4; i++) {
                    ShortVector four = word.and((short) 15);
                    four.or(left(upper, 4).and((short) 16)).intoArray(panel, to + (8 * p + 2 * i) * V);
                    word = right(word, 4);
                    upper = right(upper, 1);
                }
            }
        }
    }

    /** Unpacks codes of six bits, of 16 columns each time. */
    private static void six(MemorySegment blocks, long at, int count, short[] panel, int to) {
        for (int i = 0; i < count; i++) {
            ShortVector upper = shorts(blocks, at + 3L * PLANE * i + 2 * PLANE);
            put(upper.and((short) 63), panel, to + (16 * i + 8) * V);
            put(right(upper, 6).and((short) 63), panel, to + (16 * i + 10) * V);
            for (int p = 0; p < 2; p++) {
                ShortVector word = shorts(blocks, at + 3L * PLANE * i + PLANE * p);
                put(word.and((short) 63), panel, to + (16 * i + 4 * p) * V);
                put(right(word, 6).and((short) 63), panel, to + (16 * i + 4 * p + 2) * V);
                put(right(word, 12).or(right(upper, 8).and((short) 48)), panel, to + (16 * i + 12 + 2 * p) * V);
                upper = right(upper, 2);
            }
        }
    }

    /**
     * Unpacks the scales of some blocks of a vector of rows, and their summands if they have some.
     *
     * @param at     byte offset of the first block's first plane, of the first of these rows
     * @param count  number of blocks
     * @param scales receives the scales of each term, two vectors apart, from {@code to} on
     * @param mins   where the summands of the terms go
     */
    static void scales(BlockMatrix matrix, long at, int count, float[] scales, int to, int mins) {
        BlockLayout layout = matrix.layout();
        MemorySegment blocks = matrix.memory();
        long from = at + (long) PLANE * layout.scales();
        switch (layout.scaling()) {
            case ONE -> {
                if (layout.terms() == 2) eight(blocks, from, layout.bytes(), count, scales, to);
                else one(blocks, from, layout.bytes(), count, scales, to);
            }
            case TWO -> two(layout, blocks, from, count, scales, to, mins);
            case EIGHT_PAIRS -> eightPairs(layout, blocks, from, scales, to, mins);
            case SIXTEEN -> sixteen(blocks, from, scales, to);
            case NONE -> throw new IllegalStateException(layout + " has no scales");
        }
    }

    private static void one(MemorySegment blocks, long at, long step, int count, float[] scales, int to) {
        for (int i = 0; i < count; i++) Vectors.get(blocks, at + step * i).intoArray(scales, to + 2 * W * i);
    }

    private static void eight(MemorySegment blocks, long at, long step, int count, float[] scales, int to) {
        for (int i = 0; i < count; i++) {
            FloatVector d = Vectors.get(blocks, at + step * i);
            d.mul(16).intoArray(scales, to + 4 * W * i);
            d.intoArray(scales, to + 4 * W * i + 2 * W);
        }
    }

    private static void two(BlockLayout layout, MemorySegment blocks, long at, int count, float[] scales, int to,
            int mins) {
        FloatVector up = FloatVector.broadcast(F, layout.codes() == BlockLayout.Codes.FIVE ? 16f : 0f);
        for (int i = 0; i < count; i++) {
            IntVector both = ints(blocks, at + layout.bytes() * i);
            FloatVector d = half(both.lanewise(VectorOperators.LSHL, 16));
            d.intoArray(scales, to + 2 * W * i);
            half(both).add(d.mul(up)).intoArray(scales, mins + 2 * W * i);
        }
    }

    /** The half floats in the upper bits, exactly. */
    private static FloatVector half(IntVector bits) {
        return bits.lanewise(VectorOperators.ASHR, 3).and(RowFormat.HALF_BITS).reinterpretAsFloats()
                .mul(RowFormat.HALF);
    }

    private static void eightPairs(BlockLayout layout, MemorySegment blocks, long at, float[] scales, int to,
            int mins) {
        boolean five = layout.codes() == BlockLayout.Codes.FIVE;
        FloatVector d = Vectors.get(blocks, at), e = Vectors.get(blocks, at + PLANE).neg();
        FloatVector up = FloatVector.broadcast(F, five ? 16f : 0f);
        for (int i = 0; i < 8; i++) {
            IntVector bytes = ints(blocks, at + (long) PLANE * (2 + i / 2)).lanewise(VectorOperators.LSHR, i % 2 * 16);
            FloatVector s = floats(bytes.and(255)).mul(d);
            FloatVector m = floats(bytes.lanewise(VectorOperators.LSHR, 8).and(255)).mul(e);
            s.intoArray(scales, to + 2 * W * i);
            s.mul(up).add(m).intoArray(scales, mins + 2 * W * i);
        }
    }

    private static void sixteen(MemorySegment blocks, long at, float[] scales, int to) {
        FloatVector d = Vectors.get(blocks, at);
        for (int i = 0; i < 16; i++) {
            IntVector bytes = ints(blocks, at + (long) PLANE * (1 + i / 4));
            IntVector upper = bytes.lanewise(VectorOperators.LSHL, 24 - i % 4 * 8);
            floats(upper.lanewise(VectorOperators.ASHR, 24)).mul(d).intoArray(scales, to + 2 * W * i);
        }
    }

    /**
     * Widens the halves of floats of a vector of rows.
     *
     * @param at byte offset of the first plane, of the first of these rows
     * @param to byte offset of the first column's vector; those of a column are two vectors behind those before
     */
    static void halves(BlockLayout layout, MemorySegment blocks, long at, int columns, MemorySegment panel, long to) {
        boolean brain = layout == BlockLayout.BF16;
        for (int p = 0; p < columns / 2; p++) {
            IntVector both = ints(blocks, at + (long) PLANE * p);
            long o = to + 16L * W * p;
            Vectors.put(widened(both.lanewise(VectorOperators.LSHL, 16), brain), panel, o);
            Vectors.put(widened(both, brain), panel, o + 8L * W);
        }
        if (columns % 2 == 0) return;
        IntVector last = ints(blocks, at + (long) PLANE * (columns / 2)).lanewise(VectorOperators.LSHL, 16);
        Vectors.put(widened(last, brain), panel, to + 8L * W * (columns - 1));
    }

    private static FloatVector widened(IntVector upper, boolean brain) {
        return brain ? upper.and(0xffff0000).reinterpretAsFloats() : half(upper);
    }

    private static FloatVector floats(IntVector values) {
        return (FloatVector) values.convert(VectorOperators.I2F, 0);
    }

    private static IntVector ints(MemorySegment x, long at) {
        return IntVector.fromMemorySegment(I, OffHeap.of(x), at, LITTLE_ENDIAN);
    }

    private static ShortVector shorts(MemorySegment x, long at) {
        return ShortVector.fromMemorySegment(S, OffHeap.of(x), at, LITTLE_ENDIAN);
    }

    private static ShortVector right(ShortVector x, int by) {
        return x.lanewise(VectorOperators.LSHR, by);
    }

    private static ShortVector left(ShortVector x, int by) {
        return x.lanewise(VectorOperators.LSHL, by);
    }

    private static void put(ShortVector x, short[] panel, int at) {
        x.intoArray(panel, at);
    }
}
