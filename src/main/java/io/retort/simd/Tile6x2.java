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
    public void products(MemorySegment rows, MemorySegment[] panels, int depth, float[] sums) {
        MemorySegment a = OffHeap.of(rows), b = OffHeap.of(panels[0]);
        FloatVector s0 = sum(sums, 0), t0 = sum(sums, W);
        FloatVector s1 = sum(sums, 2 * W), t1 = sum(sums, 3 * W);
        FloatVector s2 = sum(sums, 4 * W), t2 = sum(sums, 5 * W);
        FloatVector s3 = sum(sums, 6 * W), t3 = sum(sums, 7 * W);
        FloatVector s4 = sum(sums, 8 * W), t4 = sum(sums, 9 * W);
        FloatVector s5 = sum(sums, 10 * W), t5 = sum(sums, 11 * W);
        for (int k = 0; k < depth; k++) {
            long i = (long) Float.BYTES * ROWS * k, j = (long) Float.BYTES * COLUMNS * k;
            FloatVector x = get(b, j), y = get(b, j + Float.BYTES * W);
            FloatVector r0 = broadcast(a, i);
            s0 = r0.fma(x, s0);
            t0 = r0.fma(y, t0);
            FloatVector r1 = broadcast(a, i + 4);
            s1 = r1.fma(x, s1);
            t1 = r1.fma(y, t1);
            FloatVector r2 = broadcast(a, i + 8);
            s2 = r2.fma(x, s2);
            t2 = r2.fma(y, t2);
            FloatVector r3 = broadcast(a, i + 12);
            s3 = r3.fma(x, s3);
            t3 = r3.fma(y, t3);
            FloatVector r4 = broadcast(a, i + 16);
            s4 = r4.fma(x, s4);
            t4 = r4.fma(y, t4);
            FloatVector r5 = broadcast(a, i + 20);
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

    private static FloatVector sum(float[] sums, int at) {
        return FloatVector.fromArray(S, sums, at);
    }

    private static FloatVector broadcast(MemorySegment memory, long offset) {
        return FloatVector.broadcast(S, memory.get(Matrix.FLOAT, offset));
    }
}
