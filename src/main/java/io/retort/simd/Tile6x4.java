package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Six rows by two panels, four vectors: 24 sums, four vectors of B and one of A, for machines with 32 vector registers.
 * A column of A costs 10 loads for 24 multiply-adds, where eight rows by one panel cost 10 for 16: too many for a core
 * that starts two multiply-adds a cycle.
 *
 * <p>As in {@link Tile6x2}, addresses are those of {@link AllMemory}, checked before the loop, and fences keep each row's
 * load where it is: without them two of the sums are kept in memory. The method has so many parts that the JIT compiler,
 * in the middle of it, stops inlining all but methods of the JDK that demand it; then vectors would become objects and
 * a tenth of the speed be left. So its loop calls no method of ours.
 */
final class Tile6x4 implements RegisterTile {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final MemorySegment ALL = AllMemory.MEMORY;
    /** A fence is no instruction on x86, and one that waits for memory on ARM. */
    private static final boolean FENCED = !System.getProperty("os.arch").equals("aarch64");
    private static final int W = Lanes.COUNT;

    @Override
    public int panels() {
        return 2;
    }

    @Override
    public void products(MemorySegment rows, MemorySegment[] panels, int depth, float[] from, int at, float[] to,
            int toAt) {
        long a = AllMemory.addressOf(rows, (long) COLUMN_BYTES * depth),
                b = AllMemory.addressOf(panels[0], (long) ROW_BYTES * depth);
        columns(a, b, AllMemory.addressOf(panels[1], (long) ROW_BYTES * depth), depth, from, at, to, toAt);
    }

    private static void columns(long a, long b, long c, int depth, float[] from, int at, float[] to, int toAt) {
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
        long rows = AllMemory.positive(a), left = AllMemory.positive(b), right = AllMemory.positive(c);
        for (int k = 0; k < COLUMN_BYTES * depth; k += COLUMN_BYTES) {
            long i = rows + k, j = left + STEP * k, l = right + STEP * k;
            if (FENCED) VarHandle.loadLoadFence();
            FloatVector w = FloatVector.fromMemorySegment(S, ALL, j, LITTLE_ENDIAN),
                    x = FloatVector.fromMemorySegment(S, ALL, j + VECTOR_BYTES, LITTLE_ENDIAN),
                    y = FloatVector.fromMemorySegment(S, ALL, l, LITTLE_ENDIAN),
                    z = FloatVector.fromMemorySegment(S, ALL, l + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector r0 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i)).reinterpretAsFloats();
            s0 = r0.fma(w, s0);
            t0 = r0.fma(x, t0);
            u0 = r0.fma(y, u0);
            v0 = r0.fma(z, v0);
            if (FENCED) VarHandle.loadLoadFence();
            FloatVector r1 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 4)).reinterpretAsFloats();
            s1 = r1.fma(w, s1);
            t1 = r1.fma(x, t1);
            u1 = r1.fma(y, u1);
            v1 = r1.fma(z, v1);
            if (FENCED) VarHandle.loadLoadFence();
            FloatVector r2 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 8)).reinterpretAsFloats();
            s2 = r2.fma(w, s2);
            t2 = r2.fma(x, t2);
            u2 = r2.fma(y, u2);
            v2 = r2.fma(z, v2);
            if (FENCED) VarHandle.loadLoadFence();
            FloatVector r3 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 12)).reinterpretAsFloats();
            s3 = r3.fma(w, s3);
            t3 = r3.fma(x, t3);
            u3 = r3.fma(y, u3);
            v3 = r3.fma(z, v3);
            if (FENCED) VarHandle.loadLoadFence();
            FloatVector r4 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 16)).reinterpretAsFloats();
            s4 = r4.fma(w, s4);
            t4 = r4.fma(x, t4);
            u4 = r4.fma(y, u4);
            v4 = r4.fma(z, v4);
            if (FENCED) VarHandle.loadLoadFence();
            FloatVector r5 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 20)).reinterpretAsFloats();
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
}
