package io.retort.simd;

import static io.retort.simd.Vectors.get;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Six rows by one panel: 12 sums, two vectors of B and one of A, for machines with 16 vector registers. */
final class Tile6x2 implements RegisterTile {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;

    @Override
    public int panels() {
        return 1;
    }

    @Override
    public void products(MemorySegment a, long offset, long rowBytes, long columnBytes, int rows, MemorySegment panels,
            long from, long panelBytes, int depth, float[] sums) {
        // There are no branches here: one first taken at the last rows would have the method compiled again.
        long last = rows - 1, a0 = offset, a1 = offset + Math.min(1, last) * rowBytes,
                a2 = offset + Math.min(2, last) * rowBytes, a3 = offset + Math.min(3, last) * rowBytes,
                a4 = offset + Math.min(4, last) * rowBytes, a5 = offset + Math.min(5, last) * rowBytes;
        FloatVector zero = FloatVector.zero(S);
        FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero;
        FloatVector t0 = zero, t1 = zero, t2 = zero, t3 = zero, t4 = zero, t5 = zero;
        for (int k = 0; k < depth; k++) {
            long i = k * columnBytes, j = from + k * (2L * Float.BYTES * W);
            FloatVector x = get(panels, j), y = get(panels, j + Float.BYTES * W);
            FloatVector r0 = broadcast(a, a0 + i);
            s0 = r0.fma(x, s0);
            t0 = r0.fma(y, t0);
            FloatVector r1 = broadcast(a, a1 + i);
            s1 = r1.fma(x, s1);
            t1 = r1.fma(y, t1);
            FloatVector r2 = broadcast(a, a2 + i);
            s2 = r2.fma(x, s2);
            t2 = r2.fma(y, t2);
            FloatVector r3 = broadcast(a, a3 + i);
            s3 = r3.fma(x, s3);
            t3 = r3.fma(y, t3);
            FloatVector r4 = broadcast(a, a4 + i);
            s4 = r4.fma(x, s4);
            t4 = r4.fma(y, t4);
            FloatVector r5 = broadcast(a, a5 + i);
            s5 = r5.fma(x, s5);
            t5 = r5.fma(y, t5);
        }
        s0.intoArray(sums, 0);
        t0.intoArray(sums, W);
        s1.intoArray(sums, 2 * W);
        t1.intoArray(sums, 3 * W);
        s2.intoArray(sums, 4 * W);
        t2.intoArray(sums, 5 * W);
        s3.intoArray(sums, 6 * W);
        t3.intoArray(sums, 7 * W);
        s4.intoArray(sums, 8 * W);
        t4.intoArray(sums, 9 * W);
        s5.intoArray(sums, 10 * W);
        t5.intoArray(sums, 11 * W);
    }

    private static FloatVector broadcast(MemorySegment memory, long offset) {
        return FloatVector.broadcast(S, OffHeap.of(memory).get(Matrix.FLOAT, offset));
    }
}
