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

/** Softmax, its logarithm and their gradients on one row of dim floats at a byte offset. */
final class SoftmaxLoops {
    private SoftmaxLoops() {
    }

    private static FloatVector zero() {
        return FloatVector.zero(Lanes.FLOATS);
    }

    private static FloatVector leastOfAll() {
        return FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    }

    /** {@code y = softmax(scale x)}. */
    static void softmax(MemorySegment x, float scale, MemorySegment y, long at, int dim) {
        float max = scale(x, scale, y, at, dim);
        multiply(y, 1 / exponentials(y, max, at, dim), at, dim);
    }

    /** {@code y = softmax(scale x + addend)}. */
    static void softmax(MemorySegment x, float scale, MemorySegment addend, long addendAt, MemorySegment y, long at,
            int dim) {
        float max = scaleAndAdd(x, scale, addend, addendAt, y, at, dim);
        multiply(y, 1 / exponentials(y, max, at, dim), at, dim);
    }

    /** {@code y = scale x}, and the maximum of that; NaN does not count, it comes out by itself. */
    private static float scale(MemorySegment x, float scale, MemorySegment y, long at, int dim) {
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
        return Vectors.max(max);
    }

    private static float scaleAndAdd(MemorySegment x, float scale, MemorySegment addend, long addendAt,
            MemorySegment y, long at, int dim) {
        FloatVector max = leastOfAll(), factor = FloatVector.broadcast(Lanes.FLOATS, scale);
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector value = get(x, at + 4L * j).fma(factor, get(addend, addendAt + 4L * j));
            put(value, y, at + 4L * j);
            max = greater(value, max);
        }
        if (whole(dim) < dim) {
            VectorMask<Float> rest = rest(dim);
            long end = 4L * whole(dim);
            FloatVector value = get(x, at + end, rest).fma(factor, get(addend, addendAt + end, rest));
            put(value, y, at + end, rest);
            max = greater(leastOfAll().blend(value, rest), max);
        }
        return Vectors.max(max);
    }

    /** {@code y = e^(y - max)}, and the sum of that. */
    private static float exponentials(MemorySegment y, float max, long at, int dim) {
        FloatVector sum = zero();
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector e = VectorMath.expOfNonPositive(get(y, at + 4L * j).sub(max));
            put(e, y, at + 4L * j);
            sum = sum.add(e);
        }
        if (whole(dim) < dim) {
            VectorMask<Float> rest = rest(dim);
            long end = at + 4L * whole(dim);
            FloatVector e = VectorMath.expOfNonPositive(get(y, end, rest).sub(max));
            put(e, y, end, rest);
            sum = sum.add(zero().blend(e, rest));
        }
        return Vectors.sum(sum);
    }

    private static void multiply(MemorySegment y, float factor, long at, int dim) {
        for (int j = 0; j < whole(dim); j += COUNT) put(get(y, at + 4L * j).mul(factor), y, at + 4L * j);
        if (whole(dim) == dim) return;
        long end = at + 4L * whole(dim);
        put(get(y, end, rest(dim)).mul(factor), y, end, rest(dim));
    }

    /** {@code dx = scale y (dy - sum of dy y)}. */
    static void gradient(MemorySegment y, MemorySegment dy, float scale, MemorySegment dx, long at, int dim) {
        float dot = dot(y, dy, at, dim);
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector d = get(dy, at + 4L * j).sub(dot);
            put(d.mul(get(y, at + 4L * j)).mul(scale), dx, at + 4L * j);
        }
        if (whole(dim) == dim) return;
        VectorMask<Float> rest = rest(dim);
        long end = at + 4L * whole(dim);
        put(get(dy, end, rest).sub(dot).mul(get(y, end, rest)).mul(scale), dx, end, rest);
    }

    private static float dot(MemorySegment a, MemorySegment b, long at, int dim) {
        FloatVector sum = zero();
        for (int j = 0; j < whole(dim); j += COUNT) sum = get(a, at + 4L * j).fma(get(b, at + 4L * j), sum);
        if (whole(dim) < dim) {
            long end = at + 4L * whole(dim);
            sum = get(a, end, rest(dim)).fma(get(b, end, rest(dim)), sum);
        }
        return Vectors.sum(sum);
    }

    /** {@code y = x - log(sum of e^x)}. */
    static void logSoftmax(MemorySegment x, MemorySegment y, long at, int dim) {
        float max = RowSums.max(x, at, dim), log = (float) Math.log(sumOfExponentials(x, max, at, dim));
        for (int j = 0; j < whole(dim); j += COUNT) put(get(x, at + 4L * j).sub(max).sub(log), y, at + 4L * j);
        if (whole(dim) == dim) return;
        long end = at + 4L * whole(dim);
        put(get(x, end, rest(dim)).sub(max).sub(log), y, end, rest(dim));
    }

    private static float sumOfExponentials(MemorySegment x, float max, long at, int dim) {
        FloatVector sum = zero();
        for (int j = 0; j < whole(dim); j += COUNT) {
            sum = sum.add(VectorMath.expOfNonPositive(get(x, at + 4L * j).sub(max)));
        }
        if (whole(dim) < dim) {
            FloatVector e = VectorMath.expOfNonPositive(get(x, at + 4L * whole(dim), rest(dim)).sub(max));
            sum = sum.add(zero().blend(e, rest(dim)));
        }
        return Vectors.sum(sum);
    }

    /** {@code dx = dy - e^y (sum of dy)}. */
    static void logGradient(MemorySegment y, MemorySegment dy, MemorySegment dx, long at, int dim) {
        float sum = RowSums.sum(dy, at, dim);
        FloatVector minus = FloatVector.broadcast(Lanes.FLOATS, -sum);
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector p = VectorMath.expOfNonPositive(get(y, at + 4L * j));
            put(p.fma(minus, get(dy, at + 4L * j)), dx, at + 4L * j);
        }
        if (whole(dim) == dim) return;
        VectorMask<Float> rest = rest(dim);
        long end = at + 4L * whole(dim);
        put(VectorMath.expOfNonPositive(get(y, end, rest)).fma(minus, get(dy, end, rest)), dx, end, rest);
    }
}
