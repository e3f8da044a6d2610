package io.retort.simd;

import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowKernels} on the Vector API. Sums are lanes of float32, folded at a row's end.
 *
 * <p>Loops are methods of their own, none calls another: the JIT compiler allows a method, with all that is inlined
 * into it, some 45 vector operations, and allocates every vector beyond.
 */
public final class VectorRowKernels implements RowKernels {
    /** Floats of a block of rows that stays in the level 1 cache from one loop to the next. */
    private static final int BLOCK = 4096;

    @Override
    public void softmax(MemorySegment x, float scale, MemorySegment addend, int rowsPerAddend, MemorySegment y, int dim,
            int from, int to) {
        RowShapes.softmax(x, addend, rowsPerAddend, y, dim, from, to);
        float[] perRow = new float[rowsOfBlock(dim, from, to)];
        for (int r = from; r < to; r += perRow.length) {
            int end = Math.min(r + perRow.length, to);
            if (addend == null) SoftmaxLoops.scale(x, scale, y, dim, r, end, perRow);
            else SoftmaxLoops.scaleAndAdd(x, scale, addend, rowsPerAddend, y, dim, r, end, perRow);
            SoftmaxLoops.subtractAndExp(y, dim, r, end, perRow);
            if (Vectors.whole(dim) < dim) SoftmaxLoops.subtractAndExpRest(y, dim, r, end, perRow);
            SoftmaxLoops.divideBySum(y, dim, r, end);
        }
    }

    private static int rowsOfBlock(int dim, int from, int to) {
        return Math.clamp(BLOCK / dim, 1, Math.max(1, to - from));
    }

    @Override
    public void softmaxGradient(MemorySegment y, MemorySegment dy, float scale, MemorySegment dx, int dim, int from,
            int to) {
        RowShapes.likeRows(y, dy, dx, dim, from, to);
        float[] dots = new float[rowsOfBlock(dim, from, to)];
        for (int r = from; r < to; r += dots.length) {
            int end = Math.min(r + dots.length, to);
            RowSums.dots(y, dy, dim, r, end, dots);
            SoftmaxLoops.gradient(y, dy, scale, dx, dim, r, end, dots);
        }
    }

    @Override
    public void logSoftmax(MemorySegment x, MemorySegment y, int dim, int from, int to) {
        RowShapes.likeRows(x, y, y, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) {
            float max = RowSums.max(x, r * stride, dim);
            float sum = SoftmaxLoops.sumOfExp(x, max, r * stride, dim);
            if (Vectors.whole(dim) < dim) sum += SoftmaxLoops.sumOfExpRest(x, max, r * stride, dim);
            SoftmaxLoops.subtract(x, max, (float) Math.log(sum), y, r * stride, dim);
        }
    }

    @Override
    public void logSoftmaxGradient(MemorySegment y, MemorySegment dy, MemorySegment dx, int dim, int from, int to) {
        RowShapes.likeRows(y, dy, dx, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) {
            float sum = RowSums.sum(dy, r * stride, dim);
            SoftmaxLoops.logGradient(y, dy, sum, dx, r * stride, dim);
            if (Vectors.whole(dim) < dim) SoftmaxLoops.logGradientRest(y, dy, sum, dx, r * stride, dim);
        }
    }

    @Override
    public void layerNorm(MemorySegment x, MemorySegment residual, MemorySegment sum, MemorySegment gamma,
            MemorySegment beta, float epsilon, MemorySegment y, int dim, int from, int to) {
        RowShapes.layerNorm(x, residual, sum, gamma, beta, y, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        // There is nothing to add and nothing to keep, so x is read where it is.
        boolean add = residual != null, copy = sum != null && !add;
        MemorySegment s = sum != null ? sum : add ? y : x;
        for (int r = from; r < to; r++) {
            long at = r * stride;
            if (copy) MemorySegment.copy(x, at, sum, at, stride);
            float mean = (add ? RowSums.add(x, residual, s, at, dim) : RowSums.sum(s, at, dim)) / dim;
            float variance = RowSums.squaredDeviations(s, at, mean, dim) / dim;
            LayerNormLoops.normalise(s, mean, inverse(variance, epsilon), gamma, beta, y, at, dim);
        }
    }

    @Override
    public void layerNormGradient(MemorySegment x, MemorySegment gamma, float epsilon, MemorySegment dy,
            MemorySegment dx, MemorySegment dGamma, MemorySegment dBeta, int dim, int from, int to) {
        RowShapes.layerNormGradient(x, gamma, dy, dx, dGamma, dBeta, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        float[] means = new float[LayerNormLoops.BLOCK], inverses = new float[LayerNormLoops.BLOCK];
        for (int r = from; r < to; r += LayerNormLoops.BLOCK) {
            int rows = Math.min(LayerNormLoops.BLOCK, to - r);
            for (int i = 0; i < rows; i++) {
                means[i] = RowSums.sum(x, (r + i) * stride, dim) / dim;
                inverses[i] = inverse(RowSums.squaredDeviations(x, (r + i) * stride, means[i], dim) / dim, epsilon);
            }
            // The shares of gamma and beta come first, as dx may be written where dy stands.
            if (dBeta != null) RowSums.columns(dy, dBeta, dim, r, r + rows);
            if (dGamma != null) LayerNormLoops.gammaGradient(x, dy, r * stride, means, inverses, rows, dGamma, dim);
            for (int i = 0; i < rows && dx != null; i++) {
                long at = (r + i) * stride;
                float sum = LayerNormLoops.dot(dy, gamma, at, dim);
                float dot = LayerNormLoops.dotWithDeviations(dy, gamma, x, means[i], at, dim);
                LayerNormLoops.gradient(x, means[i], inverses[i], gamma, dy, sum, dot, dx, at, dim);
            }
        }
    }

    private static float inverse(float variance, float epsilon) {
        return (float) (1 / Math.sqrt(variance + epsilon));
    }

    @Override
    public void sumOfRows(MemorySegment x, MemorySegment sums, int dim, int from, int to) {
        RowShapes.sumOfRows(x, sums, dim, from, to);
        RowSums.columns(x, sums, dim, from, to);
    }

    @Override
    public void addWeightedRows(MemorySegment weights, long first, int rows, MemorySegment x, long offset,
            long rowBytes, int dim, MemorySegment out, long to) {
        WeightedRows.add(weights, first, rows, x, offset, rowBytes, dim, out, to);
    }

    @Override
    public void sumInRows(MemorySegment x, float scale, MemorySegment y, int dim, int from, int to) {
        RowShapes.inRows(x, y, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) Floats.set(y, r, scale * RowSums.sum(x, r * stride, dim));
    }

    @Override
    public void maxInRows(MemorySegment x, MemorySegment y, int dim, int from, int to) {
        RowShapes.inRows(x, y, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) Floats.set(y, r, RowSums.max(x, r * stride, dim));
    }

    /** {@link RowKernels#addWeightedRows} by strips of four vectors, whose sums stay in registers over all rows. */
    private static final class WeightedRows {
        private static final VectorSpecies<Float> S = Lanes.FLOATS;
        private static final int W = Lanes.COUNT;

        private WeightedRows() {
        }

        static void add(MemorySegment weights, long first, int rows, MemorySegment x, long offset, long rowBytes,
                int dim,
                MemorySegment out, long to) {
            int i = 0;
            for (; i + 4 * W <= dim; i += 4 * W) {
                strip(weights, 4 * first, rows, x, offset + 4L * i, rowBytes, out, to + 4L * i);
            }
            for (; i + W <= dim; i += W)
                vector(weights, 4 * first, rows, x, offset + 4L * i, rowBytes, out, to + 4L * i);
            if (i < dim) rest(weights, 4 * first, rows, x, offset + 4L * i, rowBytes, dim - i, out, to + 4L * i);
        }

        private static void strip(MemorySegment weights, long first, int rows, MemorySegment x, long from,
                long rowBytes,
                MemorySegment out, long to) {
            FloatVector a = get(out, to), b = get(out, to + 4L * W), c = get(out, to + 8L * W),
                    d = get(out, to + 12L * W);
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

        private static void vector(MemorySegment weights, long first, int rows, MemorySegment x, long from,
                long rowBytes,
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
}
