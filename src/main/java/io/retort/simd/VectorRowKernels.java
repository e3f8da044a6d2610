package io.retort.simd;

import java.lang.foreign.MemorySegment;

/**
 * The specification on the Vector API. Sums are lanes of float32, folded at a row's end.
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
        // Nothing to add and nothing to keep: x is read where it is.
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
            // First, as dx may be written where dy stands.
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
}
