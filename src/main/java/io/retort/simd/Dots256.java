package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Two vectors a pair (a: sums 0-7, b: sums 8-15); tiles go in 2 x 2 steps of 8 vectors, as AVX2 has 16 registers. */
final class Dots256 implements Dots {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
    private static final int W = 8;
    private static final VectorMask<Float> BIT4 = Butterfly.lanesWith(S, 4);
    private static final VectorShuffle<Float> SWAP4 = Butterfly.swap(S, 4);
    private static final VectorMask<Float> BIT2 = Butterfly.lanesWith(S, 2);
    private static final VectorShuffle<Float> SWAP2 = Butterfly.swap(S, 2);
    private static final VectorShuffle<Float> SWAP1 = Butterfly.swap(S, 1);
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(S, l -> 2 * l % W);

    private static FloatVector row(MemorySegment rows, long offset) {
        return FloatVector.fromMemorySegment(S, rows, offset, LITTLE_ENDIAN);
    }

    private static FloatVector fold(FloatVector a, FloatVector b, VectorMask<Float> bit, VectorShuffle<Float> swap) {
        return a.blend(b, bit).add(b.blend(a, bit).rearrange(swap));
    }

    private static FloatVector fold(FloatVector a, VectorShuffle<Float> swap) {
        return a.add(a.rearrange(swap));
    }

    /** Folds four vectors, the sum of the n-th going into lane n. */
    private static FloatVector fold(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        FloatVector pairs = fold(fold(s0, s2, BIT4, SWAP4), fold(s1, s3, BIT4, SWAP4), BIT2, SWAP2);
        return fold(pairs, SWAP1).rearrange(EVEN);
    }

    @Override
    public void column(MemorySegment rows, long[] at, float[] query, float[] sums) {
        MemorySegment memory = OffHeap.of(rows);
        long at0 = at[0], at1 = at[1], at2 = at[2], at3 = at[3];
        FloatVector zero = FloatVector.zero(S);
        FloatVector a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        // Rows go by two: the hardware fetches two streams ahead faster than four (Dots512).
        for (int i = 0; i < query.length; i += LANES) {
            long b = 4L * i;
            FloatVector qa = FloatVector.fromArray(S, query, i), qb = FloatVector.fromArray(S, query, i + W);
            a0 = row(memory, at0 + b).fma(qa, a0);
            a1 = row(memory, at1 + b).fma(qa, a1);
            b0 = row(memory, at0 + b + 4 * W).fma(qb, b0);
            b1 = row(memory, at1 + b + 4 * W).fma(qb, b1);
        }
        for (int i = 0; i < query.length; i += LANES) {
            long b = 4L * i;
            FloatVector qa = FloatVector.fromArray(S, query, i), qb = FloatVector.fromArray(S, query, i + W);
            a2 = row(memory, at2 + b).fma(qa, a2);
            a3 = row(memory, at3 + b).fma(qa, a3);
            b2 = row(memory, at2 + b + 4 * W).fma(qb, b2);
            b3 = row(memory, at3 + b + 4 * W).fma(qb, b3);
        }
        fold(a0.add(b0), a1.add(b1), a2.add(b2), a3.add(b3)).intoArray(sums, 0);
    }

    @Override
    public void tile(MemorySegment rows, long[] at, float[][] queries, int q, float[] sums) {
        for (int j = 0; j < TILE; j += 2) {
            twoByTwo(rows, at[0], at[1], queries[q + j], queries[q + j + 1], sums, TILE * j);
            twoByTwo(rows, at[2], at[3], queries[q + j], queries[q + j + 1], sums, TILE * j + 2);
        }
    }

    private static void twoByTwo(MemorySegment rows, long at0, long at1, float[] q0, float[] q1, float[] sums, int to) {
        MemorySegment memory = OffHeap.of(rows);
        FloatVector zero = FloatVector.zero(S);
        FloatVector a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        for (int i = 0; i < q0.length; i += LANES) {
            long b = 4L * i;
            FloatVector x0 = row(memory, at0 + b), x1 = row(memory, at1 + b);
            FloatVector y0 = FloatVector.fromArray(S, q0, i), y1 = FloatVector.fromArray(S, q1, i);
            a0 = x0.fma(y0, a0);
            a1 = x1.fma(y0, a1);
            a2 = x0.fma(y1, a2);
            a3 = x1.fma(y1, a3);
            x0 = row(memory, at0 + b + 4 * W);
            x1 = row(memory, at1 + b + 4 * W);
            y0 = FloatVector.fromArray(S, q0, i + W);
            y1 = FloatVector.fromArray(S, q1, i + W);
            b0 = x0.fma(y0, b0);
            b1 = x1.fma(y0, b1);
            b2 = x0.fma(y1, b2);
            b3 = x1.fma(y1, b3);
        }
        FloatVector four = fold(a0.add(b0), a1.add(b1), a2.add(b2), a3.add(b3));
        sums[to] = four.lane(0);
        sums[to + 1] = four.lane(1);
        sums[to + TILE] = four.lane(2);
        sums[to + TILE + 1] = four.lane(3);
    }
}
