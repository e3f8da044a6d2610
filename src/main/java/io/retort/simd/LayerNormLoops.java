package io.retort.simd;

import static io.retort.simd.Lanes.COUNT;
import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;
import static io.retort.simd.Vectors.rest;
import static io.retort.simd.Vectors.whole;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The loops of layer norm, over one row of dim floats at a byte offset whose mean and {@code 1 / sqrt(variance +
 * epsilon)} are known.
 */
final class LayerNormLoops {
    /** Rows whose shares of gamma's gradient are added at once. */
    static final int BLOCK = 4;

    private LayerNormLoops() {
    }

    /** Computes {@code y = (x - mean) inverse gamma + beta}. */
    static void normalise(MemorySegment x, float mean, float inverse, MemorySegment gamma, MemorySegment beta,
            MemorySegment y, long at, int dim) {
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector normal = get(x, at + 4L * j).sub(mean).mul(inverse);
            put(normal.fma(get(gamma, 4L * j), get(beta, 4L * j)), y, at + 4L * j);
        }
        if (whole(dim) == dim) return;
        VectorMask<Float> rest = rest(dim);
        long end = 4L * whole(dim);
        FloatVector normal = get(x, at + end, rest).sub(mean).mul(inverse);
        put(normal.fma(get(gamma, end, rest), get(beta, end, rest)), y, at + end, rest);
    }

    /**
     * {@code dx = inverse (dn - (sum of dn + n (sum of dn n)) / dim)}, where n is the normalised row and
     * {@code dn = dy gamma}.
     *
     * @param sum of dn: {@link #dot}
     * @param dot {@link #dotWithDeviations}
     */
    static void gradient(MemorySegment x, float mean, float inverse, MemorySegment gamma, MemorySegment dy, float sum,
            float dot, MemorySegment dx, long at, int dim) {
        float ofSum = sum / dim, ofDot = dot * inverse * inverse / dim;
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector deviation = get(x, at + 4L * j).sub(mean);
            FloatVector dn = get(dy, at + 4L * j).mul(get(gamma, 4L * j));
            put(gradient(dn, deviation, ofSum, ofDot, inverse), dx, at + 4L * j);
        }
        if (whole(dim) == dim) return;
        VectorMask<Float> rest = rest(dim);
        long end = 4L * whole(dim);
        FloatVector dn = get(dy, at + end, rest).mul(get(gamma, end, rest));
        put(gradient(dn, get(x, at + end, rest).sub(mean), ofSum, ofDot, inverse), dx, at + end, rest);
    }

    private static FloatVector gradient(FloatVector dn, FloatVector deviation, float ofSum, float ofDot,
            float inverse) {
        return dn.sub(ofSum).sub(deviation.mul(ofDot)).mul(inverse);
    }

    private static FloatVector zero() {
        return FloatVector.zero(Lanes.FLOATS);
    }

    /** The sum of {@code dy gamma}. */
    static float dot(MemorySegment dy, MemorySegment gamma, long at, int dim) {
        FloatVector a = zero(), b = a;
        int j = 0;
        for (; j <= dim - 2 * COUNT; j += 2 * COUNT) {
            a = get(dy, at + 4L * j).fma(get(gamma, 4L * j), a);
            b = get(dy, at + 4L * j + 4 * COUNT).fma(get(gamma, 4L * j + 4 * COUNT), b);
        }
        for (; j < whole(dim); j += COUNT) a = get(dy, at + 4L * j).fma(get(gamma, 4L * j), a);
        if (j < dim) b = get(dy, at + 4L * j, rest(dim)).fma(get(gamma, 4L * j, rest(dim)), b);
        return Vectors.sum(a.add(b));
    }

    /** The sum of {@code dy gamma (x - mean)}. */
    static float dotWithDeviations(MemorySegment dy, MemorySegment gamma, MemorySegment x, float mean, long at,
            int dim) {
        FloatVector a = zero(), b = a;
        int j = 0;
        for (; j <= dim - 2 * COUNT; j += 2 * COUNT) {
            long k = 4L * j, l = k + 4 * COUNT;
            a = get(dy, at + k).mul(get(gamma, k)).fma(get(x, at + k).sub(mean), a);
            b = get(dy, at + l).mul(get(gamma, l)).fma(get(x, at + l).sub(mean), b);
        }
        for (; j < whole(dim); j += COUNT) {
            a = get(dy, at + 4L * j).mul(get(gamma, 4L * j)).fma(get(x, at + 4L * j).sub(mean), a);
        }
        if (j < dim) {
            VectorMask<Float> rest = rest(dim);
            FloatVector dn = get(dy, at + 4L * j, rest).mul(get(gamma, 4L * j, rest));
            b = dn.fma(get(x, at + 4L * j, rest).sub(mean), b);
        }
        return Vectors.sum(a.add(b));
    }

    /** Adds the sum over these rows, the first of which is at {@code at}, of {@code dy (x - mean) inverse}. */
    static void gammaGradient(MemorySegment x, MemorySegment dy, long at, float[] means, float[] inverses, int rows,
            MemorySegment dGamma, int dim) {
        long stride = (long) Float.BYTES * dim;
        if (rows == BLOCK) {
            gammaGradient(x, dy, at, means, inverses, dGamma, dim);
        } else {
            for (int r = 0; r < rows; r++) gammaGradient(x, dy, at + r * stride, means[r], inverses[r], dGamma, dim);
        }
    }

    private static void gammaGradient(MemorySegment x, MemorySegment dy, long at, float[] means, float[] inverses,
            MemorySegment dGamma, int dim) {
        long two = at + 4L * dim, three = two + 4L * dim, four = three + 4L * dim;
        float mean1 = means[0], mean2 = means[1], mean3 = means[2], mean4 = means[3];
        float inverse1 = inverses[0], inverse2 = inverses[1], inverse3 = inverses[2], inverse4 = inverses[3];
        for (int j = 0; j < whole(dim); j += COUNT) {
            FloatVector a = share(x, dy, at + 4L * j, mean1, inverse1);
            FloatVector b = share(x, dy, two + 4L * j, mean2, inverse2);
            FloatVector c = share(x, dy, three + 4L * j, mean3, inverse3);
            FloatVector d = share(x, dy, four + 4L * j, mean4, inverse4);
            put(get(dGamma, 4L * j).add(a.add(b).add(c.add(d))), dGamma, 4L * j);
        }
        for (int r = 0; r < BLOCK; r++) gammaRest(x, dy, at + 4L * r * dim, means[r], inverses[r], dGamma, dim);
    }

    private static FloatVector share(MemorySegment x, MemorySegment dy, long at, float mean, float inverse) {
        return get(x, at).sub(mean).mul(inverse).mul(get(dy, at));
    }

    private static void gammaGradient(MemorySegment x, MemorySegment dy, long at, float mean, float inverse,
            MemorySegment dGamma, int dim) {
        for (int j = 0; j < whole(dim); j += COUNT) {
            put(get(dGamma, 4L * j).add(share(x, dy, at + 4L * j, mean, inverse)), dGamma, 4L * j);
        }
        gammaRest(x, dy, at, mean, inverse, dGamma, dim);
    }

    private static void gammaRest(MemorySegment x, MemorySegment dy, long at, float mean, float inverse,
            MemorySegment dGamma, int dim) {
        for (int j = whole(dim); j < dim; j++) {
            long i = at / Float.BYTES + j;
            Floats.add(dGamma, j, (Floats.get(x, i) - mean) * inverse * Floats.get(dy, i));
        }
    }
}
