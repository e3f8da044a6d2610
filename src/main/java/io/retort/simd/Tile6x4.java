package io.retort.simd;

import static io.retort.simd.Vectors.get;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Six rows by two panels, four vectors: 24 sums, four vectors of B and one of A, for machines with 32 vector registers.
 * A column of A costs 10 loads for 24 multiply-adds, where eight rows by one panel cost 10 for 16: too many for a core
 * that starts two multiply-adds a cycle.
 */
final class Tile6x4 implements RegisterTile {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;

    @Override
    public int panels() {
        return 2;
    }

    @Override
    public void products(MemorySegment rows, MemorySegment[] panels, int depth, float[] from, int at, float[] to,
            int toAt) {
        MemorySegment a = OffHeap.of(rows), b = OffHeap.of(panels[0]), c = OffHeap.of(panels[1]);
        FloatVector s0 = sum(from, at), t0 = sum(from, at + W), u0 = sum(from, at + 2 * W), v0 = sum(from, at + 3 * W);
        FloatVector s1 = sum(from, at + 4 * W), t1 = sum(from, at + 5 * W), u1 = sum(from, at + 6 * W),
                v1 = sum(from, at + 7 * W);
        FloatVector s2 = sum(from, at + 8 * W), t2 = sum(from, at + 9 * W), u2 = sum(from, at + 10 * W),
                v2 = sum(from, at + 11 * W);
        FloatVector s3 = sum(from, at + 12 * W), t3 = sum(from, at + 13 * W), u3 = sum(from, at + 14 * W),
                v3 = sum(from, at + 15 * W);
        FloatVector s4 = sum(from, at + 16 * W), t4 = sum(from, at + 17 * W), u4 = sum(from, at + 18 * W),
                v4 = sum(from, at + 19 * W);
        FloatVector s5 = sum(from, at + 20 * W), t5 = sum(from, at + 21 * W), u5 = sum(from, at + 22 * W),
                v5 = sum(from, at + 23 * W);
        for (int k = 0; k < depth; k++) {
            long i = (long) Float.BYTES * ROWS * k, j = (long) Float.BYTES * COLUMNS * k;
            FloatVector w = get(b, j), x = get(b, j + Float.BYTES * W);
            FloatVector y = get(c, j), z = get(c, j + Float.BYTES * W);
            FloatVector r0 = broadcast(a, i);
            s0 = r0.fma(w, s0);
            t0 = r0.fma(x, t0);
            u0 = r0.fma(y, u0);
            v0 = r0.fma(z, v0);
            FloatVector r1 = broadcast(a, i + 4);
            s1 = r1.fma(w, s1);
            t1 = r1.fma(x, t1);
            u1 = r1.fma(y, u1);
            v1 = r1.fma(z, v1);
            FloatVector r2 = broadcast(a, i + 8);
            s2 = r2.fma(w, s2);
            t2 = r2.fma(x, t2);
            u2 = r2.fma(y, u2);
            v2 = r2.fma(z, v2);
            FloatVector r3 = broadcast(a, i + 12);
            s3 = r3.fma(w, s3);
            t3 = r3.fma(x, t3);
            u3 = r3.fma(y, u3);
            v3 = r3.fma(z, v3);
            FloatVector r4 = broadcast(a, i + 16);
            s4 = r4.fma(w, s4);
            t4 = r4.fma(x, t4);
            u4 = r4.fma(y, u4);
            v4 = r4.fma(z, v4);
            FloatVector r5 = broadcast(a, i + 20);
            s5 = r5.fma(w, s5);
            t5 = r5.fma(x, t5);
            u5 = r5.fma(y, u5);
            v5 = r5.fma(z, v5);
        }
        s0.intoArray(to, toAt);
        t0.intoArray(to, toAt + W);
        u0.intoArray(to, toAt + 2 * W);
        v0.intoArray(to, toAt + 3 * W);
        s1.intoArray(to, toAt + 4 * W);
        t1.intoArray(to, toAt + 5 * W);
        u1.intoArray(to, toAt + 6 * W);
        v1.intoArray(to, toAt + 7 * W);
        s2.intoArray(to, toAt + 8 * W);
        t2.intoArray(to, toAt + 9 * W);
        u2.intoArray(to, toAt + 10 * W);
        v2.intoArray(to, toAt + 11 * W);
        s3.intoArray(to, toAt + 12 * W);
        t3.intoArray(to, toAt + 13 * W);
        u3.intoArray(to, toAt + 14 * W);
        v3.intoArray(to, toAt + 15 * W);
        s4.intoArray(to, toAt + 16 * W);
        t4.intoArray(to, toAt + 17 * W);
        u4.intoArray(to, toAt + 18 * W);
        v4.intoArray(to, toAt + 19 * W);
        s5.intoArray(to, toAt + 20 * W);
        t5.intoArray(to, toAt + 21 * W);
        u5.intoArray(to, toAt + 22 * W);
        v5.intoArray(to, toAt + 23 * W);
    }

    private static FloatVector sum(float[] sums, int at) {
        return FloatVector.fromArray(S, sums, at);
    }

    private static FloatVector broadcast(MemorySegment memory, long offset) {
        return FloatVector.broadcast(S, memory.get(Matrix.FLOAT, offset));
    }
}
