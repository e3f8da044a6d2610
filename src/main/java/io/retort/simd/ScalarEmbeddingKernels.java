package io.retort.simd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The specification of {@link EmbeddingKernels} in plain Java, against which the vector kernels are tested. */
public final class ScalarEmbeddingKernels implements EmbeddingKernels {
    @Override
    public void gather(MemorySegment table, int[] ids, MemorySegment out, int dim, int from, int to) {
        checkGather(table, ids, out, dim, from, to);
        for (int i = from; i < to; i++) {
            for (int j = 0; j < dim; j++) {
                Floats.set(out, (long) i * dim + j, Floats.get(table, (long) ids[i] * dim + j));
            }
        }
    }

    @Override
    public void scatterAdd(MemorySegment gradient, int[] ids, MemorySegment tableGradient, int dim, int from, int to) {
        checkScatter(gradient, ids, tableGradient, dim, from, to);
        for (int i = 0; i < ids.length; i++) {
            for (int j = from; j < to; j++) {
                Floats.add(tableGradient, (long) ids[i] * dim + j, Floats.get(gradient, (long) i * dim + j));
            }
        }
    }

    static void checkGather(MemorySegment table, int[] ids, MemorySegment out, int dim, int from, int to) {
        Extents.range(dim, from, to);
        Objects.checkFromToIndex(from, to, ids.length);
        Extents.holds(out, to, dim);
        checkIds(table, ids, dim, from, to);
    }

    static void checkScatter(MemorySegment gradient, int[] ids, MemorySegment tableGradient, int dim, int from,
            int to) {
        Extents.range(dim, from, to);
        Objects.checkFromToIndex(from, to, dim);
        Extents.holds(gradient, ids.length, dim);
        checkIds(tableGradient, ids, dim, 0, ids.length);
    }

    private static void checkIds(MemorySegment table, int[] ids, int dim, int from, int to) {
        long rows = table.byteSize() / Float.BYTES / dim;
        for (int i = from; i < to; i++) Objects.checkIndex(ids[i], rows);
    }
}
