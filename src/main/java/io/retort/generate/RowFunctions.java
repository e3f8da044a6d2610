package io.retort.generate;

import io.retort.simd.RowKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Computes softmax and its logarithm of one row of logits. For use by one thread. */
final class RowFunctions implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final RowKernels kernels = RowKernels.best();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment row;
    private final int size;

    RowFunctions(int size) {
        this.size = size;
        try {
            row = arena.allocate((long) size * Float.BYTES, ALIGNMENT);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /** Replaces values by their softmax: {@code values = softmax(scale values)}. */
    void softmax(float[] values, float scale) {
        load(values);
        kernels.softmax(row, scale, null, 1, row, size, 0, 1);
        store(values);
    }

    /** Replaces values by the logarithm of their softmax: {@code values = values - log(sum of e^values)}. */
    void logSoftmax(float[] values) {
        load(values);
        kernels.logSoftmax(row, row, size, 0, 1);
        store(values);
    }

    private void load(float[] values) {
        MemorySegment.copy(values, 0, row, ValueLayout.JAVA_FLOAT, 0, size);
    }

    private void store(float[] values) {
        MemorySegment.copy(row, ValueLayout.JAVA_FLOAT, 0, values, 0, size);
    }

    @Override
    public void close() {
        arena.close();
    }
}
