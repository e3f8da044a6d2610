package io.retort.graph;

import java.lang.foreign.MemorySegment;

/**
 * Parameters that are trained, and their gradients, off the heap: what an optimiser works on. Both segments have the
 * layout's size; what lies between parameters is zero in both. One thread at a time.
 *
 * @param values read by the next pass; the optimiser's to change
 * @param gradients written by each pass
 */
public record TrainableBuffer(ParameterLayout layout, MemorySegment values, MemorySegment gradients) {
    /** Returns the number of elements in each segment. */
    public long size() {
        return layout.size();
    }
}
