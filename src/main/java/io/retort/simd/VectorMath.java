package io.retort.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarMath} on vectors of {@link Lanes#FLOATS}, by polynomials (fitted by {@code bench/peers/polynomials.py}):
 * not the JDK's own functions, which are fast only where the JDK brings machine code for them. Errors are those that
 * {@code VectorMathTest} holds; infinities, NaN, zeros of both signs and denormals come out right.
 */
final class VectorMath {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;

    /** Added to a float below 2^22 and taken off again, it rounds to an integer, which is the sum's low bits. */
    private static final float ROUNDER = 0x1.8p23f;
    private static final int BIAS = 127 << 23;
    private static final float LOG2_E = (float) (1 / Math.log(2));
    private static final float LOG2_E_REST = (float) (1 / Math.log(2) - LOG2_E);
    private static final float LN_2 = (float) Math.log(2);
    private static final float LN_2_REST = (float) (Math.log(2) - LN_2);
    /** Beyond these exp is infinite and 0. */
    private static final float EXP_MOST = 89, EXP_LEAST = -105;
    /** Beyond, the tail is taken to be 2^-115; its polynomial would leave the normal floats. */
    private static final float TAIL_END = 10;
    private static final float ROOT_TWO = (float) Math.sqrt(2);
    private static final float HALF_LOG2_E = (float) (0.5 / Math.log(2));
    private static final float ONE_OVER_ROOT_TWO_PI = (float) (1 / Math.sqrt(2 * Math.PI));
    private static final float GELU_TANH_SLOPE = (float) ScalarMath.GELU_TANH_SLOPE;
    private static final float GELU_TANH_CUBE = (float) (ScalarMath.GELU_TANH_SLOPE * ScalarMath.GELU_TANH_CUBE);

    private VectorMath() {
    }

    private static FloatVector of(float value) {
        return FloatVector.broadcast(S, value);
    }

    /** {@code sum x + c}: one step of Horner's rule. */
    private static FloatVector step(FloatVector sum, FloatVector x, float c) {
        return sum.fma(x, of(c));
    }

    private static FloatVector choose(VectorMask<Float> mask, FloatVector yes, FloatVector no) {
        return no.blend(yes, mask);
    }

    /** {@code 2^r} for r in [-1/2, 1/2], relative error 9e-8 with that of rounding. */
    private static FloatVector powerOfTwo(FloatVector r) {
        FloatVector p = step(of(0.0013264727f), r, 0.009671513f);
        p = step(p, r, 0.055507336f);
        p = step(p, r, 0.24022242f);
        p = step(p, r, 0.693147f);
        return step(p, r, 1);
    }

    /** As {@link #powerOfTwo}, relative error 2e-9 and that of rounding. */
    private static FloatVector exactPowerOfTwo(FloatVector r) {
        FloatVector p = step(of(0.00015353362f), r, 0.0013398875f);
        p = step(p, r, 0.009618437f);
        p = step(p, r, 0.055503324f);
        p = step(p, r, 0.24022648f);
        p = step(p, r, 0.6931472f);
        return step(p, r, 1);
    }

    /** {@code 2^n} of n in [-126, 127], given as {@code ROUNDER + n}. */
    private static FloatVector scale(FloatVector rounded) {
        return rounded.reinterpretAsInts().lanewise(LSHL, 23).add(BIAS).reinterpretAsFloats();
    }

    /** {@code 2^q} for q in [-126, 127]; NaN for NaN. */
    private static FloatVector exp2(FloatVector q) {
        FloatVector rounded = q.add(ROUNDER);
        return powerOfTwo(q.sub(rounded.sub(ROUNDER))).mul(scale(rounded));
    }

    /** {@code e^x}. */
    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.blend(EXP_MOST, x.compare(GT, EXP_MOST));
        bounded = bounded.blend(EXP_LEAST, bounded.compare(LT, EXP_LEAST));
        FloatVector rounded = bounded.fma(of(LOG2_E), of(ROUNDER));
        FloatVector r = bounded.fma(of(LOG2_E), of(ROUNDER).sub(rounded));
        return twice(exactPowerOfTwo(bounded.fma(of(LOG2_E_REST), r)), rounded);
    }

    /** {@code p 2^n} by two factors, so that results beyond the normal floats are rounded as they should be. */
    private static FloatVector twice(FloatVector p, FloatVector rounded) {
        IntVector n = rounded.reinterpretAsInts(), half = n.lanewise(ASHR, 1);
        FloatVector first = half.lanewise(LSHL, 23).add(BIAS).reinterpretAsFloats();
        FloatVector second = n.sub(half).lanewise(LSHL, 23).add(BIAS).reinterpretAsFloats();
        return p.mul(first).mul(second);
    }

    /**
     * {@code e^x} for x at most 0, as in softmax: less work than {@link #exp}. Its relative error grows with x, as
     * {@code |x| 2e-8}, and below -87 it is 0.
     */
    static FloatVector expOfNonPositive(FloatVector x) {
        FloatVector rounded = x.fma(of(LOG2_E), of(ROUNDER));
        FloatVector r = x.fma(of(LOG2_E), of(ROUNDER).sub(rounded));
        return powerOfTwo(r).mul(scale(rounded)).blend(0, x.compare(LT, -87));
    }

    /** Natural logarithm: -infinity at 0, NaN below. */
    static FloatVector log(FloatVector x) {
        VectorMask<Float> denormal = x.compare(LT, Float.MIN_NORMAL);
        IntVector bits = choose(denormal, x.mul(0x1p24f), x).reinterpretAsInts();
        // x = m 2^e, m in [sqrt(1/2), sqrt(2)): the bits of sqrt(1/2) taken off carry into the exponent.
        IntVector above = bits.sub(0x3F3504F3);
        FloatVector e = (FloatVector) above.lanewise(ASHR, 23).convertShape(VectorOperators.I2F, S, 0);
        e = choose(denormal, e.sub(24), e);
        FloatVector f = above.and(0x7FFFFF).add(0x3F3504F3).reinterpretAsFloats().sub(1);
        FloatVector y = e.fma(of(LN_2), e.fma(of(LN_2_REST), logOnePlus(f)).add(f));
        y = choose(x.compare(EQ, Float.POSITIVE_INFINITY), x, y);
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0));
        return choose(x.compare(GE, 0), y, of(Float.NaN));
    }

    /** {@code log(1 + f) - f} for 1 + f in [sqrt(1/2), sqrt(2)). */
    private static FloatVector logOnePlus(FloatVector f) {
        FloatVector p = step(of(-0.076344974f), f, 0.12761578f);
        p = step(p, f, -0.13160183f);
        p = step(p, f, 0.14201757f);
        p = step(p, f, -0.16623357f);
        p = step(p, f, 0.20001227f);
        p = step(p, f, -0.2500082f);
        p = step(p, f, 0.3333333f);
        FloatVector square = f.mul(f);
        return step(p, f, -0.5f).mul(square);
    }

    /** Hyperbolic tangent. */
    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector e = expOfNonPositive(a.mul(-2));
        FloatVector great = of(1).sub(e).div(e.add(1));
        FloatVector s = a.mul(a);
        FloatVector p = step(of(-0.005717045f), s, 0.020650588f);
        p = step(p, s, -0.053743497f);
        p = step(p, s, 0.13331491f);
        p = step(p, s, -0.33333284f);
        FloatVector small = p.mul(s).fma(a, a);
        return withSign(choose(a.compare(LT, 0.625f), small, great), x);
    }

    /** Magnitude of the first, sign of the second. */
    private static FloatVector withSign(FloatVector magnitude, FloatVector sign) {
        IntVector bit = sign.reinterpretAsInts().and(Integer.MIN_VALUE);
        return magnitude.reinterpretAsInts().or(bit).reinterpretAsFloats();
    }

    /**
     * The standard normal distribution at -a for a in [0, {@value #TAIL_END}], as 2 to a polynomial; the absolute error
     * is at most 1e-7 / (1 + a).
     */
    private static FloatVector normalTail(FloatVector a) {
        FloatVector q = step(of(-2.2933743e-06f), a, 3.3067678e-05f);
        q = step(q, a, -0.00015710165f);
        q = step(q, a, -0.00020486067f);
        q = step(q, a, 0.007149047f);
        q = step(q, a, -0.052553434f);
        q = step(q, a, -0.45918968f);
        q = step(q, a, -1.1511075f);
        return exp2(step(q, a, -0.99999994f));
    }

    private static FloatVector withinTail(FloatVector a) {
        return a.blend(TAIL_END, a.compare(GT, TAIL_END));
    }

    /** -1, 0 or 1; zeros and NaN stay what they are. */
    static FloatVector sign(FloatVector x) {
        return x.blend(1, x.compare(GT, 0)).blend(-1, x.compare(LT, 0));
    }

    /** Error function. */
    static FloatVector erf(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector great = normalTail(withinTail(a.mul(ROOT_TWO))).fma(of(-2), of(1));
        FloatVector s = a.mul(a);
        FloatVector p = step(of(-0.0005660156f), s, 0.0049247895f);
        p = step(p, s, -0.026717708f);
        p = step(p, s, 0.112804115f);
        p = step(p, s, -0.37612355f);
        p = step(p, s, 1.1283791f);
        return withSign(choose(a.compare(LT, 1), p.mul(a), great), x);
    }

    /** {@code x normal(x)}, as {@code max(x, 0) - |x| normal(-|x|)}. */
    static FloatVector gelu(FloatVector x) {
        FloatVector a = withinTail(x.abs());
        return normalTail(a).neg().fma(a, x.blend(0, x.compare(LT, 0)));
    }

    /** {@code normal(x) + x density(x)}, the derivative of {@link #gelu}. */
    static FloatVector geluGradient(FloatVector x) {
        FloatVector a = withinTail(x.abs());
        FloatVector density = exp2(a.mul(a).mul(-HALF_LOG2_E)).mul(ONE_OVER_ROOT_TWO_PI);
        FloatVector below = normalTail(a).sub(density.mul(a));
        return choose(x.compare(LT, 0), below, of(1).sub(below));
    }

    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
    static FloatVector geluTanh(FloatVector x) {
        FloatVector a = withinTail(x.abs());
        FloatVector slope = a.mul(a).fma(of(-GELU_TANH_CUBE), of(-GELU_TANH_SLOPE));
        FloatVector e = expOfNonPositive(slope.mul(a));
        return a.mul(e).div(e.add(1)).neg().add(x.blend(0, x.compare(LT, 0)));
    }

    /** {@code 1 / (1 + e^-x)}. */
    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expOfNonPositive(x.abs().neg());
        return choose(x.compare(LT, 0), e, of(1)).div(e.add(1));
    }
}
