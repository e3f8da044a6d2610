package io.retort.search;

import io.retort.files.BadInput;
import io.retort.simd.RowFormat;
import io.retort.simd.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Vectors in memory to which others can be added, as rows for an {@link ExactSearch}. Rows that were handed out stay as
 * they are. One thread adds at a time, any may read what was handed out; the memory is freed with its last reader.
 */
public final class GrowingRows {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int FIRST = 64, ALIGNMENT = 64;

    private final int dims;
    private final Metric metric;
    private final RowFormat format;
    private MemorySegment data;
    private int count;

    /**
     * Begins empty, for vectors of so many dimensions that are compared by a metric.
     *
     * @param format of the index that they would be appended to: they are rounded as it would store them, so that they
     *               score as they will when they are
     */
    public GrowingRows(int dims, Metric metric, RowFormat format) {
        this.format = format;
        this.dims = dims;
        this.metric = metric;
        this.data = allocated(FIRST);
    }

    private MemorySegment allocated(long rows) {
        return Arena.ofAuto().allocate(rows * dims * Float.BYTES, ALIGNMENT);
    }

    /**
     * Adds vectors, which are scaled as the metric wants them.
     *
     * @return all rows there are now
     * @throws BadInput if a vector is unfit for an index of the metric; none is added then
     */
    public synchronized Rows add(float[][] vectors) {
        for (float[] vector : vectors) {
            String problem = VectorCheck.problem(vector, metric);
            if (problem != null) throw BadInput.of("a reply's vector " + problem, "check the model's weights");
            problem = format.problem(VectorCheck.prepared(vector, metric));
            if (problem != null) throw BadInput.of("a reply's vector " + problem, "use an index of f32 or int8 rows");
        }
        long capacity = data.byteSize() / Float.BYTES / dims;
        if (count + vectors.length > capacity) {
            MemorySegment larger = allocated(Math.max(2 * capacity, count + (long) vectors.length));
            MemorySegment.copy(data, 0, larger, 0, (long) count * dims * Float.BYTES);
            data = larger;
        }
        for (float[] vector : vectors) {
            MemorySegment.copy(format.stored(VectorCheck.prepared(vector, metric)), 0, data, FLOAT,
                    (long) count++ * dims * Float.BYTES, dims);
        }
        return new Rows(data.asSlice(0, (long) count * dims * Float.BYTES), count, dims);
    }
}
