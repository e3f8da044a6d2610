package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Four vectors a pair (a: sums 0-3, ... d: sums 12-15), for NEON: two rows against one query keep 8 vectors. */
final class Dots128 implements Dots {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_128;
    private static final int W = 4;
    private static final VectorMask<Float> BIT2 = Butterfly.lanesWith(S, 2);
    private static final VectorShuffle<Float> SWAP2 = Butterfly.swap(S, 2);
    private static final VectorShuffle<Float> SWAP1 = Butterfly.swap(S, 1);

    private static FloatVector row(MemorySegment rows, long offset) {
        return FloatVector.fromMemorySegment(S, rows, offset, LITTLE_ENDIAN);
    }

    private static FloatVector fold(FloatVector a, FloatVector b, VectorMask<Float> bit, VectorShuffle<Float> swap) {
        return a.blend(b, bit).add(b.blend(a, bit).rearrange(swap));
    }

    private static FloatVector fold(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
        return a.add(c).add(b.add(d));
    }

    @Override
    public void column(MemorySegment rows, long[] at, float[] query, float[] sums) {
        twoRows(rows, at[0], at[1], query, sums, 0);
        twoRows(rows, at[2], at[3], query, sums, 2);
    }

    @Override
    public void tile(MemorySegment rows, long[] at, float[][] queries, int q, float[] sums) {
        for (int j = 0; j < TILE; j++) {
            twoRows(rows, at[0], at[1], queries[q + j], sums, TILE * j);
            twoRows(rows, at[2], at[3], queries[q + j], sums, TILE * j + 2);
        }
    }

    private static void twoRows(MemorySegment rows, long at0, long at1, float[] query, float[] sums, int to) {
        MemorySegment memory = OffHeap.of(rows);
        FloatVector zero = FloatVector.zero(S);
        FloatVector a0 = zero, b0 = zero, c0 = zero, d0 = zero, a1 = zero, b1 = zero, c1 = zero, d1 = zero;
        for (int i = 0; i < query.length; i += LANES) {
            long b = 4L * i;
            FloatVector q = FloatVector.fromArray(S, query, i);
            a0 = row(memory, at0 + b).fma(q, a0);
            a1 = row(memory, at1 + b).fma(q, a1);
            q = FloatVector.fromArray(S, query, i + W);
            b0 = row(memory, at0 + b + 4 * W).fma(q, b0);
            b1 = row(memory, at1 + b + 4 * W).fma(q, b1);
            q = FloatVector.fromArray(S, query, i + 2 * W);
            c0 = row(memory, at0 + b + 8 * W).fma(q, c0);
            c1 = row(memory, at1 + b + 8 * W).fma(q, c1);
            q = FloatVector.fromArray(S, query, i + 3 * W);
            d0 = row(memory, at0 + b + 12 * W).fma(q, d0);
            d1 = row(memory, at1 + b + 12 * W).fma(q, d1);
        }
        FloatVector pairs = fold(fold(a0, b0, c0, d0), fold(a1, b1, c1, d1), BIT2, SWAP2);
        pairs = pairs.add(pairs.rearrange(SWAP1));
        sums[to] = pairs.lane(0);
        sums[to + 1] = pairs.lane(2);
    }
}
