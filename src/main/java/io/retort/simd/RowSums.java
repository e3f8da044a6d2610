package io.retort.simd;

import static io.retort.simd.Lanes.COUNT;
import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;
import static io.retort.simd.Vectors.rest;
import static io.retort.simd.Vectors.whole;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums and maxima of one row of dim floats at a byte offset, in four vectors at a time, so that additions need not wait
 * for each other; and sums of columns.
 */
final class RowSums {
    /** Rows that are added to each other before their total is added to the sums. */
    private static final int ROWS = 8;

    private RowSums() {
    }

    private static FloatVector zero() {
        return FloatVector.zero(Lanes.FLOATS);
    }

    static float sum(MemorySegment x, long at, int dim) {
        FloatVector a = zero(), b = a, c = a, d = a;
        int j = 0;
        for (; j <= dim - 4 * COUNT; j += 4 * COUNT) {
            a = a.add(get(x, at + 4L * j));
            b = b.add(get(x, at + 4L * j + 4 * COUNT));
            c = c.add(get(x, at + 4L * j + 8 * COUNT));
            d = d.add(get(x, at + 4L * j + 12 * COUNT));
        }
        for (; j < whole(dim); j += COUNT) a = a.add(get(x, at + 4L * j));
        if (j < dim) b = b.add(get(x, at + 4L * j, rest(dim)));
        return Vectors.sum(a.add(b).add(c.add(d)));
    }

    /** The sum of {@code (x - mean)^2}. */
    static float squaredDeviations(MemorySegment x, long at, float mean, int dim) {
        FloatVector a = zero(), b = a, c = a, d = a;
        int j = 0;
        for (; j <= dim - 4 * COUNT; j += 4 * COUNT) {
            a = addSquare(get(x, at + 4L * j).sub(mean), a);
            b = addSquare(get(x, at + 4L * j + 4 * COUNT).sub(mean), b);
            c = addSquare(get(x, at + 4L * j + 8 * COUNT).sub(mean), c);
            d = addSquare(get(x, at + 4L * j + 12 * COUNT).sub(mean), d);
        }
        for (; j < whole(dim); j += COUNT) a = addSquare(get(x, at + 4L * j).sub(mean), a);
        if (j < dim) {
            VectorMask<Float> rest = rest(dim);
            b = addSquare(get(x, at + 4L * j, rest).sub(mean, rest), b);
        }
        return Vectors.sum(a.add(b).add(c.add(d)));
    }

    private static FloatVector addSquare(FloatVector x, FloatVector sum) {
        return x.fma(x, sum);
    }

    /** Computes {@code s = x + residual} and returns the sum of s. */
    static float add(MemorySegment x, MemorySegment residual, MemorySegment s, long at, int dim) {
        FloatVector a = zero(), b = a;
        int j = 0;
        for (; j <= dim - 2 * COUNT; j += 2 * COUNT) {
            a = a.add(addVectors(x, residual, s, at + 4L * j));
            b = b.add(addVectors(x, residual, s, at + 4L * j + 4 * COUNT));
        }
        for (; j < whole(dim); j += COUNT) a = a.add(addVectors(x, residual, s, at + 4L * j));
        if (j < dim) {
            VectorMask<Float> rest = rest(dim);
            FloatVector value = get(x, at + 4L * j, rest).add(get(residual, at + 4L * j, rest));
            put(value, s, at + 4L * j, rest);
            b = b.add(value);
        }
        return Vectors.sum(a.add(b));
    }

    private static FloatVector addVectors(MemorySegment x, MemorySegment residual, MemorySegment s, long at) {
        FloatVector value = get(x, at).add(get(residual, at));
        put(value, s, at);
        return value;
    }

    /** The maximum of the row, NaN if the row holds one. */
    static float max(MemorySegment x, long at, int dim) {
        FloatVector a = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY), b = a;
        int j = 0;
        for (; j <= dim - 2 * COUNT; j += 2 * COUNT) {
            a = a.max(get(x, at + 4L * j));
            b = b.max(get(x, at + 4L * j + 4 * COUNT));
        }
        for (; j < whole(dim); j += COUNT) a = a.max(get(x, at + 4L * j));
        if (j < dim) {
            VectorMask<Float> rest = rest(dim);
            b = b.lanewise(VectorOperators.MAX, get(x, at + 4L * j, rest), rest);
        }
        return a.max(b).reduceLanes(VectorOperators.MAX);
    }

    /** The dot products of rows {@code [from, to)} of two matrices. */
    static void dots(MemorySegment a, MemorySegment b, int dim, int from, int to, float[] dots) {
        for (int r = from; r < to; r++) {
            long at = 4L * r * dim;
            FloatVector sum = zero();
            for (int j = 0; j < whole(dim); j += COUNT) sum = get(a, at + 4L * j).fma(get(b, at + 4L * j), sum);
            if (whole(dim) < dim) {
                long end = at + 4L * whole(dim);
                VectorMask<Float> rest = rest(dim);
                sum = get(a, end, rest).fma(get(b, end, rest), sum);
            }
            dots[r - from] = Vectors.sum(sum);
        }
    }

    /** Adds rows {@code [from, to)} to the sums {@code [dim]} of columns. */
    static void columns(MemorySegment x, MemorySegment sums, int dim, int from, int to) {
        long stride = (long) Float.BYTES * dim;
        int r = from;
        for (; r <= to - ROWS; r += ROWS) eightRows(x, r * stride, stride, sums, dim);
        for (; r < to; r++) oneRow(x, r * stride, sums, dim);
    }

    private static void eightRows(MemorySegment x, long at, long stride, MemorySegment sums, int dim) {
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector half = fourRows(x, at + 4L * j, stride);
            put(get(sums, 4L * j).add(half.add(fourRows(x, at + 4 * stride + 4L * j, stride))), sums, 4L * j);
        }
        for (int j = whole(dim); j < dim; j++) {
            float sum = 0;
            for (int r = 0; r < ROWS; r++) sum += Floats.get(x, (at + r * stride) / Float.BYTES + j);
            Floats.add(sums, j, sum);
        }
    }

    private static FloatVector fourRows(MemorySegment x, long at, long stride) {
        return get(x, at).add(get(x, at + stride)).add(get(x, at + 2 * stride).add(get(x, at + 3 * stride)));
    }

    private static void oneRow(MemorySegment x, long at, MemorySegment sums, int dim) {
        for (int j = 0; j < whole(dim); j += COUNT) {
            put(get(sums, 4L * j).add(get(x, at + 4L * j)), sums, 4L * j);
        }
        for (int j = whole(dim); j < dim; j++) Floats.add(sums, j, Floats.get(x, at / Float.BYTES + j));
    }
}
