package io.retort.graph;

import static io.retort.simd.ElementOp.ADD;
import static io.retort.simd.ElementOp.ADD_CONSTANT;
import static io.retort.simd.ElementOp.ERF;
import static io.retort.simd.ElementOp.EXP;
import static io.retort.simd.ElementOp.GELU;
import static io.retort.simd.ElementOp.GELU_GRADIENT;
import static io.retort.simd.ElementOp.MULTIPLY;
import static io.retort.simd.ElementOp.MULTIPLY_CONSTANT;

import java.util.List;

/**
 * GELU as {@link Layers#gelu} writes it, {@code x (1 + erf(x/√2)) / 2}, and its gradient as SameDiff derives it from
 * that:
 *
 * <pre>
 * h = g / 2,  u = x/√2,  gradient = h (1 + erf(u)) + (2/√π exp(−u²) (h x)) / √2  =  g (Φ(x) + x φ(x))
 * </pre>
 */
final class GeluFusion extends Rewriting {
    private static final double ROOT_OF_HALF = Math.sqrt(0.5);
    private static final double SLOPE_OF_ERF = 2 / Math.sqrt(Math.PI);

    @Override
    Value replacement(Value v) {
        if (is(v, MULTIPLY_CONSTANT, 0.5)) {
            Value x = gelu(v.input(0));
            if (x != null) return values.element(GELU, now(x));
        }
        if (is(v, ADD)) {
            Value fused = gradient(v.input(0), v.input(1));
            return fused != null ? fused : gradient(v.input(1), v.input(0));
        }
        return null;
    }

    /** Returns the x if the value is {@code x (1 + erf(x/√2))}, or null if it is not. */
    private static Value gelu(Value twice) {
        if (!is(twice, MULTIPLY)) return null;
        for (Value x : twice.inputs) if (isTwicePhi(other(twice, x), x)) return x;
        return null;
    }

    private static boolean isTwicePhi(Value v, Value x) {
        return is(v, ADD_CONSTANT, 1) && is(v.input(0), ERF) && isArgument(v.input(0).input(0), x);
    }

    private static boolean isArgument(Value u, Value x) {
        return is(u, MULTIPLY_CONSTANT, ROOT_OF_HALF) && u.input(0) == x;
    }

    private Value gradient(Value first, Value second) {
        if (!is(first, MULTIPLY) || !is(second, MULTIPLY_CONSTANT, ROOT_OF_HALF)) return null;
        Value slopes = second.input(0);
        if (!is(slopes, MULTIPLY)) return null;
        for (Value bell : slopes.inputs) {
            Value product = other(slopes, bell); // h x
            Value u = argumentOfBell(bell);
            if (u == null || !is(product, MULTIPLY)) continue;
            Value x = u.input(0);
            Value h = other(product, x);
            if (h == null || !is(h, MULTIPLY_CONSTANT, 0.5)) continue;
            Value phi = other(first, h);
            if (phi == null || !isTwicePhi(phi, x)) continue;
            return values.element(MULTIPLY, now(h.input(0)), values.element(GELU_GRADIENT, now(x)));
        }
        return null;
    }

    /** Returns the u = x/√2 if the value is {@code 2/√π exp(−u²)}, or null if it is not. */
    private static Value argumentOfBell(Value v) {
        if (!is(v, MULTIPLY_CONSTANT, SLOPE_OF_ERF) || !is(v.input(0), EXP)) return null;
        Value negated = v.input(0).input(0);
        if (!is(negated, MULTIPLY_CONSTANT, -1) || !is(negated.input(0), MULTIPLY)) return null;
        List<Value> square = negated.input(0).inputs;
        Value u = square.getFirst();
        return u == square.getLast() && is(u, MULTIPLY_CONSTANT, ROOT_OF_HALF) ? u : null;
    }
}
