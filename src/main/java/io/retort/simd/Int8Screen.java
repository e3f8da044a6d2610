package io.retort.simd;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Kernels#screen} on the Vector API. A vector of shorts holds two dims of as many rows as a vector of floats has
 * lanes; the query's two codes are broadcast against it. Products wrap around in 16 bits, which the sum of a chunk
 * undoes ({@link Int8Vector}); the two dims are added, in 32 bits, once a chunk.
 */
final class Int8Screen {
    /** Queries of one register tile. */
    private static final int TILE = 4;
    private static final int BLOCK = Int8Rows.BLOCK;
    private static final int CHUNK = Int8Vector.CHUNK / 2;

    private static final VectorSpecies<Float> F = Lanes.FLOATS;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());
    private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));
    /** Rows that one vector of shorts holds, two dims of each. */
    private static final int W = Lanes.COUNT;

    private Int8Screen() {
    }

    /** Does what {@link Kernels#screen} promises, with arguments that the caller has checked. */
    static void screen(Int8Rows rows, int first, int count, Int8Query[] queries, float[] thresholds, int[][] reached) {
        int[] dots = new int[TILE * BLOCK];
        for (int r = 0; r < count; r += BLOCK) {
            int block = (first + r) / BLOCK, q = 0;
            for (; q <= queries.length - TILE; q += TILE) {
                four(rows, block, queries, q, dots);
                for (int j = 0; j < TILE; j++) {
                    reached[q + j][r / BLOCK] = reached(rows, first + r, queries[q + j], thresholds[q + j], dots,
                            j * BLOCK);
                }
            }
            for (; q < queries.length; q++) {
                one(rows, block, queries[q].pairs, dots);
                reached[q][r / BLOCK] = reached(rows, first + r, queries[q], thresholds[q], dots, 0);
            }
        }
    }

    private static void one(Int8Rows rows, int block, int[] query, int[] dots) {
        Arrays.fill(dots, 0, BLOCK, 0);
        for (int k = 0; k < query.length; k += CHUNK) {
            int end = Math.min(k + CHUNK, query.length);
            for (int r = 0; r < BLOCK; r += 2 * W)
                chunk(rows.codes, rows.offset(block) + 2 * r, query, k, end, dots, r);
        }
    }

    private static void four(Int8Rows rows, int block, Int8Query[] queries, int q, int[] dots) {
        Arrays.fill(dots, 0);
        int[] q0 = queries[q].pairs, q1 = queries[q + 1].pairs, q2 = queries[q + 2].pairs, q3 = queries[q + 3].pairs;
        for (int k = 0; k < q0.length; k += CHUNK) {
            int end = Math.min(k + CHUNK, q0.length);
            for (int r = 0; r < BLOCK; r += 2 * W) {
                chunk(rows.codes, rows.offset(block) + 2 * r, q0, q1, q2, q3, k, end, dots, r);
            }
        }
    }

    /** Adds pairs {@code [from, to)} of 2 W rows, at byte offset {@code at}, to {@code dots[r .. r + 2 W)}. */
    private static void chunk(MemorySegment codes, long at, int[] query, int from, int to, int[] dots, int r) {
        ShortVector a = ShortVector.zero(S), b = a;
        for (int k = from; k < to; k++) {
            long o = at + (long) Int8Rows.PAIR_BYTES * k;
            ShortVector y = broadcast(query[k]);
            a = rows(codes, o).mul(y).add(a);
            b = rows(codes, o + 2 * W).mul(y).add(b);
        }
        add(dots, r, a);
        add(dots, r + W, b);
    }

    private static void chunk(MemorySegment codes, long at, int[] q0, int[] q1, int[] q2, int[] q3, int from, int to,
            int[] dots, int r) {
        ShortVector zero = ShortVector.zero(S);
        ShortVector a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        for (int k = from; k < to; k++) {
            long o = at + (long) Int8Rows.PAIR_BYTES * k;
            ShortVector a = rows(codes, o), b = rows(codes, o + 2 * W);
            ShortVector y = broadcast(q0[k]);
            a0 = a.mul(y).add(a0);
            b0 = b.mul(y).add(b0);
            y = broadcast(q1[k]);
            a1 = a.mul(y).add(a1);
            b1 = b.mul(y).add(b1);
            y = broadcast(q2[k]);
            a2 = a.mul(y).add(a2);
            b2 = b.mul(y).add(b2);
            y = broadcast(q3[k]);
            a3 = a.mul(y).add(a3);
            b3 = b.mul(y).add(b3);
        }
        add(dots, r, a0);
        add(dots, r + W, b0);
        add(dots, BLOCK + r, a1);
        add(dots, BLOCK + r + W, b1);
        add(dots, 2 * BLOCK + r, a2);
        add(dots, 2 * BLOCK + r + W, b2);
        add(dots, 3 * BLOCK + r, a3);
        add(dots, 3 * BLOCK + r + W, b3);
    }

    private static ShortVector rows(MemorySegment codes, long offset) {
        return (ShortVector) ByteVector.fromMemorySegment(B, OffHeap.of(codes), offset, LITTLE_ENDIAN).convertShape(
                VectorOperators.B2S, S, 0);
    }

    private static ShortVector broadcast(int pair) {
        return IntVector.broadcast(I, pair).reinterpretAsShorts();
    }

    /** Adds a vector of 16-bit sums to the dots of its rows, the sums of both dims together. */
    private static void add(int[] dots, int at, ShortVector sums) {
        IntVector pairs = sums.reinterpretAsInts();
        IntVector odd = pairs.lanewise(VectorOperators.ASHR, 16);
        IntVector even = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
        IntVector.fromArray(I, dots, at).add(odd).add(even).intoArray(dots, at);
    }

    /** The rows of a block whose bound reaches the threshold, as bits. */
    private static int reached(Int8Rows rows, int first, Int8Query query, float threshold, int[] dots, int at) {
        long bits = 0;
        for (int r = 0; r < BLOCK; r += W) {
            FloatVector slack = FloatVector.fromArray(F, rows.norms, first + r).fma(
                    FloatVector.broadcast(F, query.perNorm), FloatVector.broadcast(F, ScalarKernels.UNDERFLOW));
            slack = FloatVector.fromArray(F, rows.errors, first + r).fma(FloatVector.broadcast(F, query.perError),
                    slack);
            FloatVector dot = (FloatVector) IntVector.fromArray(I, dots, at + r).convertShape(VectorOperators.I2F, F,
                    0);
            FloatVector bound = dot.fma(FloatVector.fromArray(F, rows.scales, first + r).mul(query.scale), slack);
            bits |= bound.compare(VectorOperators.GE, threshold).toLong() << r;
        }
        return (int) bits;
    }
}
