package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The two loops of {@link MachinePeak}: nothing but multiply-adds, nothing but loads. */
final class PeakLoops {
    /** Chains that do not wait for one another: as many as hide a multiply-add's latency. */
    private static final int CHAINS = 12;
    /** Bytes that a step of {@link #sum} reads. */
    static final long STEP_BYTES = 4L * Float.BYTES * Lanes.COUNT;

    private PeakLoops() {
    }

    /** Number of floating-point operations of {@link #multiplyAdds}, two for each multiply-add. */
    static long flop(int length) {
        return 2L * CHAINS * Lanes.COUNT * length;
    }

    /**
     * Runs {@value #CHAINS} chains of so many vector multiply-adds each, from 1/2 on by 2^-11 a step. Each chain adds
     * to itself, which is one instruction; with a constant as the summand it would be two, and a core whose other thread is
     * busy would seem a quarter slower than it is.
     */
    static float multiplyAdds(int length) {
        FloatVector half = FloatVector.broadcast(Lanes.FLOATS, 0.5f),
                little = FloatVector.broadcast(Lanes.FLOATS, 0x1p-10f);
        FloatVector a = half, b = half, c = half, d = half, e = half, f = half;
        FloatVector g = half, h = half, i = half, j = half, k = half, l = half;
        for (int n = 0; n < length; n++) {
            a = half.fma(little, a);
            b = half.fma(little, b);
            c = half.fma(little, c);
            d = half.fma(little, d);
            e = half.fma(little, e);
            f = half.fma(little, f);
            g = half.fma(little, g);
            h = half.fma(little, h);
            i = half.fma(little, i);
            j = half.fma(little, j);
            k = half.fma(little, k);
            l = half.fma(little, l);
        }
        FloatVector first = a.add(b).add(c.add(d)).add(e.add(f));
        return first.add(g.add(h)).add(i.add(j)).add(k.add(l)).reduceLanes(VectorOperators.ADD);
    }

    /** The sum of all floats, four vectors at a time. */
    static float sum(MemorySegment x) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS), b = a, c = a, d = a;
        long step = Lanes.FLOATS.vectorByteSize();
        int steps = (int) (x.byteSize() / STEP_BYTES);
        for (int n = 0; n < steps; n++) {
            long at = n * STEP_BYTES;
            a = a.add(FloatVector.fromMemorySegment(Lanes.FLOATS, x, at, LITTLE_ENDIAN));
            b = b.add(FloatVector.fromMemorySegment(Lanes.FLOATS, x, at + step, LITTLE_ENDIAN));
            c = c.add(FloatVector.fromMemorySegment(Lanes.FLOATS, x, at + 2 * step, LITTLE_ENDIAN));
            d = d.add(FloatVector.fromMemorySegment(Lanes.FLOATS, x, at + 3 * step, LITTLE_ENDIAN));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
