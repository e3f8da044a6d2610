package io.retort.simd;

import static io.retort.simd.Floats.get;
import static io.retort.simd.Floats.set;

import java.lang.foreign.MemorySegment;

/**
 * The specification of {@link RowKernels} in plain Java: sums and functions in double precision, rounded once they are
 * stored.
 */
public final class ScalarRowKernels implements RowKernels {
    @Override
    public void softmax(MemorySegment x, float scale, MemorySegment addend, int rowsPerAddend, MemorySegment y, int dim,
            int from, int to) {
        RowShapes.softmax(x, addend, rowsPerAddend, y, dim, from, to);
        for (int r = from; r < to; r++) {
            long row = (long) r * dim, added = (long) (r / rowsPerAddend) * dim;
            float max = Float.NEGATIVE_INFINITY;
            for (int j = 0; j < dim; j++) {
                float value = addend == null
                        ? get(x, row + j) * scale
                        : Math.fma(get(x, row + j), scale, get(addend, added + j));
                set(y, row + j, value);
                max = Math.max(max, value);
            }
            double sum = 0;
            for (int j = 0; j < dim; j++) sum += Math.exp((double) get(y, row + j) - max);
            for (int j = 0; j < dim; j++) set(y, row + j, (float) (Math.exp((double) get(y, row + j) - max) / sum));
        }
    }

    @Override
    public void softmaxGradient(MemorySegment y, MemorySegment dy, float scale, MemorySegment dx, int dim, int from,
            int to) {
        RowShapes.likeRows(y, dy, dx, dim, from, to);
        for (int r = from; r < to; r++) {
            long row = (long) r * dim;
            double dot = 0;
            for (int j = 0; j < dim; j++) dot += (double) get(dy, row + j) * get(y, row + j);
            for (int j = 0; j < dim; j++) {
                set(dx, row + j, (float) (scale * get(y, row + j) * (get(dy, row + j) - dot)));
            }
        }
    }

    @Override
    public void logSoftmax(MemorySegment x, MemorySegment y, int dim, int from, int to) {
        RowShapes.likeRows(x, y, y, dim, from, to);
        for (int r = from; r < to; r++) {
            long row = (long) r * dim;
            float max = max(x, row, dim);
            double sum = 0;
            for (int j = 0; j < dim; j++) sum += Math.exp((double) get(x, row + j) - max);
            for (int j = 0; j < dim; j++) set(y, row + j, (float) (get(x, row + j) - max - Math.log(sum)));
        }
    }

    @Override
    public void logSoftmaxGradient(MemorySegment y, MemorySegment dy, MemorySegment dx, int dim, int from, int to) {
        RowShapes.likeRows(y, dy, dx, dim, from, to);
        for (int r = from; r < to; r++) {
            long row = (long) r * dim;
            double sum = sum(dy, row, dim);
            for (int j = 0; j < dim; j++) {
                set(dx, row + j, (float) (get(dy, row + j) - Math.exp(get(y, row + j)) * sum));
            }
        }
    }

    @Override
    public void layerNorm(MemorySegment x, MemorySegment residual, MemorySegment sum, MemorySegment gamma,
            MemorySegment beta, float epsilon, MemorySegment y, int dim, int from, int to) {
        RowShapes.layerNorm(x, residual, sum, gamma, beta, y, dim, from, to);
        MemorySegment s = sum != null ? sum : y;
        for (int r = from; r < to; r++) {
            long row = (long) r * dim;
            for (int j = 0; j < dim; j++) {
                float value = get(x, row + j);
                set(s, row + j, residual == null ? value : value + get(residual, row + j));
            }
            double mean = sum(s, row, dim) / dim, inverse = 1 / Math.sqrt(variance(s, row, dim, mean) + epsilon);
            for (int j = 0; j < dim; j++) {
                set(y, row + j, (float) ((get(s, row + j) - mean) * inverse * get(gamma, j) + get(beta, j)));
            }
        }
    }

    @Override
    public void layerNormGradient(MemorySegment x, MemorySegment gamma, float epsilon, MemorySegment dy,
            MemorySegment dx, MemorySegment dGamma, MemorySegment dBeta, int dim, int from, int to) {
        RowShapes.layerNormGradient(x, gamma, dy, dx, dGamma, dBeta, dim, from, to);
        for (int r = from; r < to; r++) {
            long row = (long) r * dim;
            double mean = sum(x, row, dim) / dim, inverse = 1 / Math.sqrt(variance(x, row, dim, mean) + epsilon);
            double sum = 0, dot = 0;
            for (int j = 0; j < dim; j++) {
                double normal = (get(x, row + j) - mean) * inverse, dNormal = (double) get(dy, row + j) * get(gamma, j);
                sum += dNormal;
                dot += dNormal * normal;
            }
            for (int j = 0; j < dim; j++) {
                float dValue = get(dy, row + j);
                double normal = (get(x, row + j) - mean) * inverse, dNormal = (double) dValue * get(gamma, j);
                if (dGamma != null) Floats.add(dGamma, j, (float) (dValue * normal));
                if (dBeta != null) Floats.add(dBeta, j, dValue);
                if (dx != null) set(dx, row + j, (float) (inverse * (dNormal - (sum + normal * dot) / dim)));
            }
        }
    }

    @Override
    public void sumOfRows(MemorySegment x, MemorySegment sums, int dim, int from, int to) {
        RowShapes.sumOfRows(x, sums, dim, from, to);
        for (int j = 0; j < dim; j++) {
            double sum = get(sums, j);
            for (int r = from; r < to; r++) sum += get(x, (long) r * dim + j);
            set(sums, j, (float) sum);
        }
    }

    @Override
    public void addWeightedRows(MemorySegment weights, long first, int rows, MemorySegment x, long offset,
            long rowBytes, int dim, MemorySegment out, long to) {
        for (int i = 0; i < dim; i++) {
            float sum = out.get(Matrix.FLOAT, to + 4L * i);
            for (int r = 0; r < rows; r++) {
                sum = Math.fma(get(weights, first + r), x.get(Matrix.FLOAT, offset + r * rowBytes + 4L * i), sum);
            }
            out.set(Matrix.FLOAT, to + 4L * i, sum);
        }
    }

    @Override
    public void sumInRows(MemorySegment x, float scale, MemorySegment y, int dim, int from, int to) {
        RowShapes.inRows(x, y, dim, from, to);
        for (int r = from; r < to; r++) set(y, r, (float) (scale * sum(x, (long) r * dim, dim)));
    }

    @Override
    public void maxInRows(MemorySegment x, MemorySegment y, int dim, int from, int to) {
        RowShapes.inRows(x, y, dim, from, to);
        for (int r = from; r < to; r++) set(y, r, max(x, (long) r * dim, dim));
    }

    private static float max(MemorySegment x, long row, int dim) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < dim; j++) max = Math.max(max, get(x, row + j));
        return max;
    }

    private static double sum(MemorySegment x, long row, int dim) {
        double sum = 0;
        for (int j = 0; j < dim; j++) sum += get(x, row + j);
        return sum;
    }

    /** The variance of a row: the mean of its squared deviations from the mean. */
    private static double variance(MemorySegment x, long row, int dim, double mean) {
        double sum = 0;
        for (int j = 0; j < dim; j++) {
            double deviation = get(x, row + j) - mean;
            sum += deviation * deviation;
        }
        return sum / dim;
    }
}
