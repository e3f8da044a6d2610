package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Six rows by one panel: 12 sums, two vectors of B and one of A, for machines with 16 vector registers.
 *
 * <p>With so few registers the order of loads decides. The JIT compiler moves loads ahead as far as it may, runs out of
 * registers and then keeps a sum in memory, which costs more than half of the speed. A fence ahead of each row's load,
 * which is no instruction, keeps them where they are; and since a fence also makes the compiler read the fields of a
 * segment again, addresses are those of {@link AllMemory}, checked before the loop. Two columns of A are one turn of the
 * loop: 52 instructions for 24 multiply-adds. With four the compiler's first stage gives the method up at times.
 */
final class Tile6x2 implements RegisterTile {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final MemorySegment ALL = AllMemory.MEMORY;
    private static final int W = Lanes.COUNT;

    @Override
    public int panels() {
        return 1;
    }

    @Override
    public void products(MemorySegment rows, MemorySegment[] panels, int depth, float[] from, int at, float[] to,
            int toAt) {
        long a = AllMemory.addressOf(rows, (long) COLUMN_BYTES * depth),
                b = AllMemory.addressOf(panels[0], (long) ROW_BYTES * depth);
        int even = depth & -2;
        twoColumns(a, b, even, from, at, to, toAt);
        if (even < depth) column(a + (long) COLUMN_BYTES * even, b + (long) ROW_BYTES * even, to, toAt);
    }

    private static void twoColumns(long a, long b, int depth, float[] from, int at, float[] to, int toAt) {
        FloatVector s0 = sum(from, at), t0 = sum(from, at + W);
        FloatVector s1 = sum(from, at + 2 * W), t1 = sum(from, at + 3 * W);
        FloatVector s2 = sum(from, at + 4 * W), t2 = sum(from, at + 5 * W);
        FloatVector s3 = sum(from, at + 6 * W), t3 = sum(from, at + 7 * W);
        FloatVector s4 = sum(from, at + 8 * W), t4 = sum(from, at + 9 * W);
        FloatVector s5 = sum(from, at + 10 * W), t5 = sum(from, at + 11 * W);
        long rows = AllMemory.positive(a), panel = AllMemory.positive(b);
        for (int k = 0; k < COLUMN_BYTES * depth; k += 2 * COLUMN_BYTES) {
            long i = rows + k, j = panel + STEP * k;
            VarHandle.loadLoadFence();
            FloatVector x = FloatVector.fromMemorySegment(S, ALL, j, LITTLE_ENDIAN);
            FloatVector y = FloatVector.fromMemorySegment(S, ALL, j + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector r0 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i)).reinterpretAsFloats();
            s0 = r0.fma(x, s0);
            t0 = r0.fma(y, t0);
            VarHandle.loadLoadFence();
            FloatVector r1 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 4)).reinterpretAsFloats();
            s1 = r1.fma(x, s1);
            t1 = r1.fma(y, t1);
            VarHandle.loadLoadFence();
            FloatVector r2 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 8)).reinterpretAsFloats();
            s2 = r2.fma(x, s2);
            t2 = r2.fma(y, t2);
            VarHandle.loadLoadFence();
            FloatVector r3 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 12)).reinterpretAsFloats();
            s3 = r3.fma(x, s3);
            t3 = r3.fma(y, t3);
            VarHandle.loadLoadFence();
            FloatVector r4 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 16)).reinterpretAsFloats();
            s4 = r4.fma(x, s4);
            t4 = r4.fma(y, t4);
            VarHandle.loadLoadFence();
            FloatVector r5 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + 20)).reinterpretAsFloats();
            s5 = r5.fma(x, s5);
            t5 = r5.fma(y, t5);
            VarHandle.loadLoadFence();
            x = FloatVector.fromMemorySegment(S, ALL, j + ROW_BYTES, LITTLE_ENDIAN);
            y = FloatVector.fromMemorySegment(S, ALL, j + ROW_BYTES + VECTOR_BYTES, LITTLE_ENDIAN);
            r0 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + COLUMN_BYTES)).reinterpretAsFloats();
            s0 = r0.fma(x, s0);
            t0 = r0.fma(y, t0);
            VarHandle.loadLoadFence();
            r1 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + COLUMN_BYTES + 4)).reinterpretAsFloats();
            s1 = r1.fma(x, s1);
            t1 = r1.fma(y, t1);
            VarHandle.loadLoadFence();
            r2 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + COLUMN_BYTES + 8)).reinterpretAsFloats();
            s2 = r2.fma(x, s2);
            t2 = r2.fma(y, t2);
            VarHandle.loadLoadFence();
            r3 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + COLUMN_BYTES + 12)).reinterpretAsFloats();
            s3 = r3.fma(x, s3);
            t3 = r3.fma(y, t3);
            VarHandle.loadLoadFence();
            r4 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + COLUMN_BYTES + 16)).reinterpretAsFloats();
            s4 = r4.fma(x, s4);
            t4 = r4.fma(y, t4);
            VarHandle.loadLoadFence();
            r5 = IntVector.broadcast(BITS, ALL.get(FLOAT_BITS, i + COLUMN_BYTES + 20)).reinterpretAsFloats();
            s5 = r5.fma(x, s5);
            t5 = r5.fma(y, t5);
        }
        s0.intoArray(to, toAt);
        t0.intoArray(to, toAt + W);
        s1.intoArray(to, toAt + 2 * W);
        t1.intoArray(to, toAt + 3 * W);
        s2.intoArray(to, toAt + 4 * W);
        t2.intoArray(to, toAt + 5 * W);
        s3.intoArray(to, toAt + 6 * W);
        t3.intoArray(to, toAt + 7 * W);
        s4.intoArray(to, toAt + 8 * W);
        t4.intoArray(to, toAt + 9 * W);
        s5.intoArray(to, toAt + 10 * W);
        t5.intoArray(to, toAt + 11 * W);
    }

    /** Adds the products of one column of A. */
    private static void column(long a, long b, float[] sums, int at) {
        FloatVector x = FloatVector.fromMemorySegment(S, ALL, AllMemory.positive(b), LITTLE_ENDIAN);
        FloatVector y = FloatVector.fromMemorySegment(S, ALL, AllMemory.positive(b) + VECTOR_BYTES, LITTLE_ENDIAN);
        for (int row = 0; row < ROWS; row++, at += COLUMNS) {
            FloatVector r = FloatVector.broadcast(S, Float.intBitsToFloat(ALL.get(FLOAT_BITS, a + Float.BYTES * row)));
            r.fma(x, sum(sums, at)).intoArray(sums, at);
            r.fma(y, sum(sums, at + W)).intoArray(sums, at + W);
        }
    }

    private static FloatVector sum(float[] sums, int at) {
        return FloatVector.fromArray(S, sums, at);
    }
}
