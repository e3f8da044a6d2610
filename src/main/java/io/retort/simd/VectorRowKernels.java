package io.retort.simd;

import java.lang.foreign.MemorySegment;

/** The specification on the Vector API. Sums are lanes of float32, folded at a row's end. */
public final class VectorRowKernels implements RowKernels {
    @Override
    public void softmax(MemorySegment x, float scale, MemorySegment addend, int rowsPerAddend, MemorySegment y, int dim,
            int from, int to) {
        RowShapes.softmax(x, addend, rowsPerAddend, y, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) {
            if (addend == null) SoftmaxLoops.softmax(x, scale, y, r * stride, dim);
            else SoftmaxLoops.softmax(x, scale, addend, r / rowsPerAddend * stride, y, r * stride, dim);
        }
    }

    @Override
    public void softmaxGradient(MemorySegment y, MemorySegment dy, float scale, MemorySegment dx, int dim, int from,
            int to) {
        RowShapes.likeRows(y, dy, dx, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) SoftmaxLoops.gradient(y, dy, scale, dx, r * stride, dim);
    }

    @Override
    public void logSoftmax(MemorySegment x, MemorySegment y, int dim, int from, int to) {
        RowShapes.likeRows(x, y, y, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) SoftmaxLoops.logSoftmax(x, y, r * stride, dim);
    }

    @Override
    public void logSoftmaxGradient(MemorySegment y, MemorySegment dy, MemorySegment dx, int dim, int from, int to) {
        RowShapes.likeRows(y, dy, dx, dim, from, to);
        long stride = (long) Float.BYTES * dim;
        for (int r = from; r < to; r++) SoftmaxLoops.logGradient(y, dy, dx, r * stride, dim);
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
                LayerNormLoops.gradient(x, means[i], inverses[i], gamma, dy, dx, (r + i) * stride, dim);
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
