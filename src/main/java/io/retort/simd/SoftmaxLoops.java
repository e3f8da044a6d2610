package io.retort.simd;

import static io.retort.simd.Lanes.COUNT;
import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.greater;
import static io.retort.simd.Vectors.put;
import static io.retort.simd.Vectors.rest;
import static io.retort.simd.Vectors.whole;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The loops of softmax, over a block of rows {@code [from, to)}, and of its logarithm, over one row at a byte offset.
 * Where there is an exponential, the rest of a row has a loop of its own: both are too much for one method.
 */
final class SoftmaxLoops {
    private SoftmaxLoops() {
    }

    private static FloatVector zero() {
        return FloatVector.zero(Lanes.FLOATS);
    }

    private static FloatVector leastOfAll() {
        return FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    }

    /** {@code y = scale x}, and the maximum of each row of that; NaN does not count, it comes out by itself. */
    static void scale(MemorySegment x, float scale, MemorySegment y, int dim, int from, int to, float[] maxima) {
        for (int r = from; r < to; r++) {
            long at = 4L * r * dim;
            FloatVector max = leastOfAll();
            for (int j = 0; j < whole(dim); j += COUNT) {
                FloatVector value = get(x, at + 4L * j).mul(scale);
                put(value, y, at + 4L * j);
                max = greater(value, max);
            }
            if (whole(dim) < dim) {
                VectorMask<Float> rest = rest(dim);
                FloatVector value = get(x, at + 4L * whole(dim), rest).mul(scale);
                put(value, y, at + 4L * whole(dim), rest);
                max = greater(leastOfAll().blend(value, rest), max);
            }
            maxima[r - from] = Vectors.max(max);
        }
    }

    /** {@code y = scale x + addend}, and maxima as {@link #scale}. */
    static void scaleAndAdd(MemorySegment x, float scale, MemorySegment addend, int rowsPerAddend, MemorySegment y,
            int dim, int from, int to, float[] maxima) {
        FloatVector factor = FloatVector.broadcast(Lanes.FLOATS, scale);
        long added = 4L * (from / rowsPerAddend) * dim;
        for (int r = from, left = rowsPerAddend - from % rowsPerAddend; r < to; r++, left--) {
            if (left == 0) {
                left = rowsPerAddend;
                added += 4L * dim;
            }
            long at = 4L * r * dim;
            FloatVector max = leastOfAll();
            for (int j = 0; j < whole(dim); j += COUNT) {
                FloatVector value = get(x, at + 4L * j).fma(factor, get(addend, added + 4L * j));
                put(value, y, at + 4L * j);
                max = greater(value, max);
            }
            if (whole(dim) < dim) {
                VectorMask<Float> rest = rest(dim);
                long end = 4L * whole(dim);
                FloatVector value = get(x, at + end, rest).fma(factor, get(addend, added + end, rest));
                put(value, y, at + end, rest);
                max = greater(leastOfAll().blend(value, rest), max);
            }
            maxima[r - from] = Vectors.max(max);
        }
    }

    /** {@code y = e^(y - max)}, in whole vectors. */
    static void subtractAndExp(MemorySegment y, int dim, int from, int to, float[] maxima) {
        for (int r = from; r < to; r++) {
            long at = 4L * r * dim;
            float max = maxima[r - from];
            for (int j = 0; j < whole(dim); j += COUNT) {
                put(VectorMath.expOfNonPositive(get(y, at + 4L * j).sub(max)), y, at + 4L * j);
            }
        }
    }

    static void subtractAndExpRest(MemorySegment y, int dim, int from, int to, float[] maxima) {
        VectorMask<Float> rest = rest(dim);
        for (int r = from; r < to; r++) {
            long end = 4L * r * dim + 4L * whole(dim);
            put(VectorMath.expOfNonPositive(get(y, end, rest).sub(maxima[r - from])), y, end, rest);
        }
    }

    /** {@code y = y / (sum of y)}. */
    static void divideBySum(MemorySegment y, int dim, int from, int to) {
        VectorMask<Float> rest = rest(dim);
        for (int r = from; r < to; r++) {
            long at = 4L * r * dim, end = at + 4L * whole(dim);
            FloatVector sum = zero();
            for (int j = 0; j < whole(dim); j += COUNT) sum = sum.add(get(y, at + 4L * j));
            if (whole(dim) < dim) sum = sum.add(get(y, end, rest));
            float factor = 1 / Vectors.sum(sum);
            for (int j = 0; j < whole(dim); j += COUNT) put(get(y, at + 4L * j).mul(factor), y, at + 4L * j);
            if (whole(dim) < dim) put(get(y, end, rest).mul(factor), y, end, rest);
        }
    }

    /** {@code dx = scale y (dy - dot)}. */
    static void gradient(MemorySegment y, MemorySegment dy, float scale, MemorySegment dx, int dim, int from, int to,
            float[] dots) {
        for (int r = from; r < to; r++) {
            long at = 4L * r * dim;
            float dot = dots[r - from];
            for (int j = 0; j < whole(dim); j += COUNT) {
                FloatVector d = get(dy, at + 4L * j).sub(dot);
                put(d.mul(get(y, at + 4L * j)).mul(scale), dx, at + 4L * j);
            }
            if (whole(dim) < dim) {
                VectorMask<Float> rest = rest(dim);
                long end = at + 4L * whole(dim);
                put(get(dy, end, rest).sub(dot).mul(get(y, end, rest)).mul(scale), dx, end, rest);
            }
        }
    }

    /** The sum of {@code e^(x - max)}, of whole vectors. */
    static float sumOfExp(MemorySegment x, float max, long at, int dim) {
        FloatVector sum = zero();
        for (int j = 0; j < whole(dim); j += COUNT) {
            sum = sum.add(VectorMath.expOfNonPositive(get(x, at + 4L * j).sub(max)));
        }
        return Vectors.sum(sum);
    }

    static float sumOfExpRest(MemorySegment x, float max, long at, int dim) {
        VectorMask<Float> rest = rest(dim);
        FloatVector e = VectorMath.expOfNonPositive(get(x, at + 4L * whole(dim), rest).sub(max));
        return Vectors.sum(zero().blend(e, rest));
    }

    /** {@code y = x - max - log}, in this order. */
    static void subtract(MemorySegment x, float max, float log, MemorySegment y, long at, int dim) {
        for (int j = 0; j < whole(dim); j += COUNT) put(get(x, at + 4L * j).sub(max).sub(log), y, at + 4L * j);
        if (whole(dim) == dim) return;
        long end = at + 4L * whole(dim);
        put(get(x, end, rest(dim)).sub(max).sub(log), y, end, rest(dim));
    }

    /** {@code dx = dy - e^y sum}, in whole vectors. */
    static void logGradient(MemorySegment y, MemorySegment dy, float sum, MemorySegment dx, long at, int dim) {
        FloatVector minus = FloatVector.broadcast(Lanes.FLOATS, -sum);
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector p = VectorMath.expOfNonPositive(get(y, at + 4L * j));
            put(p.fma(minus, get(dy, at + 4L * j)), dx, at + 4L * j);
        }
    }

    static void logGradientRest(MemorySegment y, MemorySegment dy, float sum, MemorySegment dx, long at, int dim) {
        VectorMask<Float> rest = rest(dim);
        long end = at + 4L * whole(dim);
        FloatVector p = VectorMath.expOfNonPositive(get(y, end, rest));
        put(p.mul(-sum).add(get(dy, end, rest)), dx, end, rest);
    }
}
