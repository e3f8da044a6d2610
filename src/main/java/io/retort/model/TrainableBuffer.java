package io.retort.model;

import io.retort.graph.ParameterLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Parameters that are trained, and their gradients, off the heap: what an optimiser works on. Both segments have the
 * layout's size; what lies between parameters is zero in both. One thread at a time.
 *
 * @param values read by the next pass; the optimiser's to change
 * @param gradients written by each pass
 */
public record TrainableBuffer(ParameterLayout layout, MemorySegment values, MemorySegment gradients) {
    /** Elements of each segment. */
    public long size() {
        return layout.size();
    }

    /** {@code to = a + b}, element by element; {@code to} may be either. */
    static void add(MemorySegment a, MemorySegment b, MemorySegment to) {
        for (long i = 0; i < to.byteSize(); i += Float.BYTES) {
            to.set(ValueLayout.JAVA_FLOAT, i, a.get(ValueLayout.JAVA_FLOAT, i) + b.get(ValueLayout.JAVA_FLOAT, i));
        }
    }
}
