package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

/** {@link EmbeddingKernels} on the Vector API. */
public final class VectorEmbeddingKernels implements EmbeddingKernels {
    @Override
    public void gather(MemorySegment table, int[] ids, MemorySegment out, int dim, int from, int to) {
        ScalarEmbeddingKernels.checkGather(table, ids, out, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int i = from; i < to; i++) MemorySegment.copy(table, ids[i] * stride, out, i * stride, stride);
    }

    @Override
    public void scatterAdd(MemorySegment gradient, int[] ids, MemorySegment tableGradient, int dim, int from, int to) {
        ScalarEmbeddingKernels.checkScatter(gradient, ids, tableGradient, dim, from, to);
        for (int i = 0; i < ids.length; i++) {
            add(gradient, 4L * ((long) i * dim + from), tableGradient, 4L * ((long) ids[i] * dim + from), to - from);
        }
    }

    private static void add(MemorySegment x, long xAt, MemorySegment sums, long at, int count) {
        int whole = Vectors.whole(count);
        for (int j = 0; j < whole; j += Lanes.COUNT) {
            put(get(sums, at + 4L * j).add(get(x, xAt + 4L * j)), sums, at + 4L * j);
        }
        if (whole == count) return;
        VectorMask<Float> rest = Vectors.rest(count);
        long end = 4L * whole;
        put(get(sums, at + end, rest).add(get(x, xAt + end, rest)), sums, at + end, rest);
    }
}
