package io.retort.simd;

import static io.retort.simd.Lanes.COUNT;
import static io.retort.simd.Vectors.get;
import static io.retort.simd.Vectors.put;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ElementOp}s of one operand over n floats, rounded up to whole vectors, at byte offsets; a method each, for the
 * reason that {@link BinaryLoops} gives.
 */
final class UnaryLoops {
    private UnaryLoops() {
    }

    static void run(ElementOp op, MemorySegment a, long aAt, float c, MemorySegment z, long zAt, int n) {
        switch (op) {
            case COPY -> copy(a, aAt, z, zAt, n);
            case NEGATE -> negate(a, aAt, z, zAt, n);
            case ABSOLUTE -> absolute(a, aAt, z, zAt, n);
            case SIGN -> sign(a, aAt, z, zAt, n);
            case RECIPROCAL -> reciprocal(a, aAt, z, zAt, n);
            case SQUARE -> square(a, aAt, z, zAt, n);
            case SQUARE_ROOT -> squareRoot(a, aAt, z, zAt, n);
            case EXP -> exp(a, aAt, z, zAt, n);
            case LOG -> log(a, aAt, z, zAt, n);
            case TANH -> tanh(a, aAt, z, zAt, n);
            case ERF -> erf(a, aAt, z, zAt, n);
            case SIGMOID -> sigmoid(a, aAt, z, zAt, n);
            case GELU -> gelu(a, aAt, z, zAt, n);
            case GELU_GRADIENT -> geluGradient(a, aAt, z, zAt, n);
            case GELU_TANH -> geluTanh(a, aAt, z, zAt, n);
            case ADD_CONSTANT -> add(a, aAt, c, z, zAt, n);
            case SUBTRACT_FROM_CONSTANT -> subtractFrom(a, aAt, c, z, zAt, n);
            case MULTIPLY_CONSTANT -> multiply(a, aAt, c, z, zAt, n);
            case MAXIMUM_CONSTANT -> maximum(a, aAt, c, z, zAt, n);
            case POWER -> power(a, aAt, c, z, zAt, n);
            default -> throw new IllegalArgumentException(op + " of one");
        }
    }

    private static void copy(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i), z, zAt + 4L * i);
    }

    private static void negate(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).neg(), z, zAt + 4L * i);
    }

    private static void absolute(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).abs(), z, zAt + 4L * i);
    }

    private static void sign(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.sign(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void reciprocal(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT)
            put(FloatVector.broadcast(Lanes.FLOATS, 1).div(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void square(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) {
            FloatVector x = get(a, aAt + 4L * i);
            put(x.mul(x), z, zAt + 4L * i);
        }
    }

    private static void squareRoot(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).sqrt(), z, zAt + 4L * i);
    }

    private static void exp(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.exp(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void log(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.log(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void tanh(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.tanh(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void erf(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.erf(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void sigmoid(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.sigmoid(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void gelu(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.gelu(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void geluGradient(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.geluGradient(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void geluTanh(MemorySegment a, long aAt, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(VectorMath.geluTanh(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void add(MemorySegment a, long aAt, float c, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).add(c), z, zAt + 4L * i);
    }

    private static void subtractFrom(MemorySegment a, long aAt, float c, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT)
            put(FloatVector.broadcast(Lanes.FLOATS, c).sub(get(a, aAt + 4L * i)), z, zAt + 4L * i);
    }

    private static void multiply(MemorySegment a, long aAt, float c, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).mul(c), z, zAt + 4L * i);
    }

    private static void maximum(MemorySegment a, long aAt, float c, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).max(c), z, zAt + 4L * i);
    }

    private static void power(MemorySegment a, long aAt, float c, MemorySegment z, long zAt, int n) {
        for (int i = 0; i < n; i += COUNT) put(get(a, aAt + 4L * i).lanewise(VectorOperators.POW, c), z, zAt + 4L * i);
    }
}
