package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** {@link RowKernels#addWeightedRows} by strips of four vectors, whose sums stay in registers over all rows. */
final class WeightedRows {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int W = Lanes.COUNT;

    private WeightedRows() {
    }

    static void add(MemorySegment weights, long first, int rows, MemorySegment x, long offset, long rowBytes, int dim,
            MemorySegment out, long to) {
        int i = 0;
        for (; i + 4 * W <= dim; i += 4 * W) {
            strip(weights, 4 * first, rows, x, offset + 4L * i, rowBytes, out, to + 4L * i);
        }
        for (; i + W <= dim; i += W) vector(weights, 4 * first, rows, x, offset + 4L * i, rowBytes, out, to + 4L * i);
        if (i < dim) rest(weights, 4 * first, rows, x, offset + 4L * i, rowBytes, dim - i, out, to + 4L * i);
    }

    private static void strip(MemorySegment weights, long first, int rows, MemorySegment x, long from, long rowBytes,
            MemorySegment out, long to) {
        FloatVector a = get(out, to), b = get(out, to + 4L * W), c = get(out, to + 8L * W), d = get(out, to + 12L * W);
        for (int r = 0; r < rows; r++) {
            FloatVector w = weight(weights, first + 4L * r);
            long at = from + r * rowBytes;
            a = w.fma(get(x, at), a);
            b = w.fma(get(x, at + 4L * W), b);
            c = w.fma(get(x, at + 8L * W), c);
            d = w.fma(get(x, at + 12L * W), d);
        }
        put(a, out, to);
        put(b, out, to + 4L * W);
        put(c, out, to + 8L * W);
        put(d, out, to + 12L * W);
    }

    private static void vector(MemorySegment weights, long first, int rows, MemorySegment x, long from, long rowBytes,
            MemorySegment out, long to) {
        FloatVector sum = get(out, to);
        for (int r = 0; r < rows; r++) sum = weight(weights, first + 4L * r).fma(get(x, from + r * rowBytes), sum);
        put(sum, out, to);
    }

    private static void rest(MemorySegment weights, long first, int rows, MemorySegment x, long from, long rowBytes,
            int left, MemorySegment out, long to) {
        VectorMask<Float> mask = S.indexInRange(0, left);
        FloatVector sum = get(out, to, mask);
        for (int r = 0; r < rows; r++) {
            sum = weight(weights, first + 4L * r).fma(get(x, from + r * rowBytes, mask), sum);
        }
        put(sum, out, to, mask);
    }

    private static FloatVector weight(MemorySegment weights, long at) {
        return FloatVector.broadcast(S, OffHeap.of(weights).get(Matrix.FLOAT, at));
    }
}
