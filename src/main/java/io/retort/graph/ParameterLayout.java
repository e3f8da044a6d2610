package io.retort.graph;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where each parameter lies in a flat buffer: one after the other in order of declaration, each on a boundary of
 * {@value #ALIGNMENT} elements. What lies between them is zero and stays zero, so that an optimiser may treat the
 * buffer as one vector.
 *
 * @param precision of the elements, F32 or F64
 * @param entries   in order
 * @param size      elements of the buffer
 */
public record ParameterLayout(ElementType precision, List<Entry> entries, long size) {
    /**
     * The boundary, in elements, on which each parameter starts: 64 bytes of F32, so that kernels start on a cache
     * line.
     */
    public static final int ALIGNMENT = 16;

    /**
     * The place of one parameter in the buffer.
     *
     * @param offset in elements
     */
    public record Entry(String name, Shape shape, long offset) {
    }

    /** Lays out parameters in the order in which they are declared. */
    public static ParameterLayout of(ElementType precision, Map<String, Shape> parameters) {
        List<Entry> entries = new ArrayList<>();
        long offset = 0;
        for (Map.Entry<String, Shape> parameter : parameters.entrySet()) {
            entries.add(new Entry(parameter.getKey(), parameter.getValue(), offset));
            offset = (offset + parameter.getValue().size() + ALIGNMENT - 1) & -ALIGNMENT;
        }
        return new ParameterLayout(precision, List.copyOf(entries), offset);
    }

    /**
     * Returns the part of a buffer of this layout that holds the parameter's elements.
     *
     * @param buffer of {@link #bytes()}
     */
    public MemorySegment slice(MemorySegment buffer, Entry entry) {
        return buffer.asSlice(entry.offset() * precision.bytes(), entry.shape().size() * precision.bytes());
    }

    /** Returns the size of the buffer in bytes. */
    public long bytes() {
        return Math.multiplyExact(size, precision.bytes());
    }
}
