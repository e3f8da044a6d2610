package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** One vector a pair; a tile keeps 16 sums, 4 rows and a query in 21 of the 32 registers. */
final class Dots512 implements Dots {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_512;
    private static final VectorMask<Float> BIT8 = Butterfly.lanesWith(S, 8);
    private static final VectorShuffle<Float> SWAP8 = Butterfly.swap(S, 8);
    private static final VectorMask<Float> BIT4 = Butterfly.lanesWith(S, 4);
    private static final VectorShuffle<Float> SWAP4 = Butterfly.swap(S, 4);
    private static final VectorMask<Float> BIT2 = Butterfly.lanesWith(S, 2);
    private static final VectorShuffle<Float> SWAP2 = Butterfly.swap(S, 2);
    private static final VectorMask<Float> BIT1 = Butterfly.lanesWith(S, 1);
    private static final VectorShuffle<Float> SWAP1 = Butterfly.swap(S, 1);
    private static final VectorShuffle<Float> EVERY_FOURTH = VectorShuffle.fromOp(S, l -> 4 * l % LANES);

    private static FloatVector row(MemorySegment rows, long offset) {
        return FloatVector.fromMemorySegment(S, rows, offset, LITTLE_ENDIAN);
    }

    private static FloatVector fold(FloatVector a, FloatVector b, VectorMask<Float> bit, VectorShuffle<Float> swap) {
        return a.blend(b, bit).add(b.blend(a, bit).rearrange(swap));
    }

    private static FloatVector fold(FloatVector a, VectorShuffle<Float> swap) {
        return a.add(a.rearrange(swap));
    }

    @Override
    public void column(MemorySegment rows, long[] at, float[] query, float[] sums) {
        MemorySegment memory = OffHeap.of(rows);
        long at0 = at[0], at1 = at[1], at2 = at[2], at3 = at[3];
        FloatVector s0 = FloatVector.zero(S), s1 = s0, s2 = s0, s3 = s0;
        // Rows go by two: the hardware fetches two streams ahead at 96 % of the memory's rate, four at 85 %.
        for (int i = 0; i < query.length; i += LANES) {
            FloatVector q = FloatVector.fromArray(S, query, i);
            s0 = row(memory, at0 + 4L * i).fma(q, s0);
            s1 = row(memory, at1 + 4L * i).fma(q, s1);
        }
        for (int i = 0; i < query.length; i += LANES) {
            FloatVector q = FloatVector.fromArray(S, query, i);
            s2 = row(memory, at2 + 4L * i).fma(q, s2);
            s3 = row(memory, at3 + 4L * i).fma(q, s3);
        }
        FloatVector quads = fold(fold(s0, s2, BIT8, SWAP8), fold(s1, s3, BIT8, SWAP8), BIT4, SWAP4);
        fold(fold(quads, SWAP2), SWAP1).rearrange(EVERY_FOURTH).intoArray(sums, 0);
    }

    @Override
    public void tile(MemorySegment rows, long[] at, float[][] queries, int q, float[] sums) {
        products(rows, at, queries, q, sums);
        fold16(sums);
    }

    /**
     * Computes the sums of a tile before folding. The fold is a method of its own, as both together are more than the
     * JIT compiler inlines (NodeCountInliningCutoff).
     */
    private static void products(MemorySegment rows, long[] at, float[][] queries, int q, float[] sums) {
        MemorySegment memory = OffHeap.of(rows);
        long at0 = at[0], at1 = at[1], at2 = at[2], at3 = at[3];
        float[] q0 = queries[q], q1 = queries[q + 1], q2 = queries[q + 2], q3 = queries[q + 3];
        FloatVector zero = FloatVector.zero(S);
        FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        FloatVector s4 = zero, s5 = zero, s6 = zero, s7 = zero;
        FloatVector s8 = zero, s9 = zero, s10 = zero, s11 = zero;
        FloatVector s12 = zero, s13 = zero, s14 = zero, s15 = zero;
        for (int i = 0; i < q0.length; i += LANES) {
            long b = 4L * i;
            FloatVector x0 = row(memory, at0 + b), x1 = row(memory, at1 + b), x2 = row(memory, at2 + b),
                    x3 = row(memory, at3 + b);
            FloatVector y0 = FloatVector.fromArray(S, q0, i);
            s0 = x0.fma(y0, s0);
            s1 = x1.fma(y0, s1);
            s2 = x2.fma(y0, s2);
            s3 = x3.fma(y0, s3);
            FloatVector y1 = FloatVector.fromArray(S, q1, i);
            s4 = x0.fma(y1, s4);
            s5 = x1.fma(y1, s5);
            s6 = x2.fma(y1, s6);
            s7 = x3.fma(y1, s7);
            FloatVector y2 = FloatVector.fromArray(S, q2, i);
            s8 = x0.fma(y2, s8);
            s9 = x1.fma(y2, s9);
            s10 = x2.fma(y2, s10);
            s11 = x3.fma(y2, s11);
            FloatVector y3 = FloatVector.fromArray(S, q3, i);
            s12 = x0.fma(y3, s12);
            s13 = x1.fma(y3, s13);
            s14 = x2.fma(y3, s14);
            s15 = x3.fma(y3, s15);
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, 16);
        s2.intoArray(sums, 32);
        s3.intoArray(sums, 48);
        s4.intoArray(sums, 64);
        s5.intoArray(sums, 80);
        s6.intoArray(sums, 96);
        s7.intoArray(sums, 112);
        s8.intoArray(sums, 128);
        s9.intoArray(sums, 144);
        s10.intoArray(sums, 160);
        s11.intoArray(sums, 176);
        s12.intoArray(sums, 192);
        s13.intoArray(sums, 208);
        s14.intoArray(sums, 224);
        s15.intoArray(sums, 240);
    }

    /**
     * Folds sixteen vectors, the sum of the n-th going into lane n: vectors whose numbers differ by h meet where lanes
     * do.
     */
    private static void fold16(float[] sums) {
        for (int n = 0; n < 4; n++) {
            FloatVector a = fold(sum(sums, n), sum(sums, n + 8), BIT8, SWAP8);
            FloatVector b = fold(sum(sums, n + 4), sum(sums, n + 12), BIT8, SWAP8);
            fold(a, b, BIT4, SWAP4).intoArray(sums, LANES * n);
        }
        FloatVector a = fold(sum(sums, 0), sum(sums, 2), BIT2, SWAP2);
        FloatVector b = fold(sum(sums, 1), sum(sums, 3), BIT2, SWAP2);
        fold(a, b, BIT1, SWAP1).intoArray(sums, 0);
    }

    private static FloatVector sum(float[] sums, int n) {
        return FloatVector.fromArray(S, sums, LANES * n);
    }
}
