package io.retort.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarMath} on vectors of {@link Lanes#FLOATS}, by polynomials (fitted by {@code bench/peers/polynomials.py}):
 * not the JDK's own functions, which are fast only where the JDK brings machine code for them. Errors are those that
 * {@code VectorMathTest} holds; infinities, NaN, zeros of both signs and denormals come out right.
 *
 * <p>How it is written is how it is fast. Constants are vectors, as each broadcast in a function would be work for the
 * JIT compiler, which gives up inlining at some size and then allocates every vector. Polynomials go by pairs of
 * coefficients, so that fewer steps wait for each other than by Horner's rule.
 */
final class VectorMath {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;

    private static final FloatVector ZERO = all(0), ONE = all(1), HALF = all(.5), MINUS_ONE = all(-1),
            MINUS_TWO = all(-2), INFINITY = all(Double.POSITIVE_INFINITY), NAN = all(Double.NaN);

    /**
     * Added to a float q in [-126, 127] it leaves the integer next to q, plus 127, in the low bits: those of 2 to that
     * power, once they are shifted to where an exponent stands.
     */
    private static final FloatVector ROUNDER = all(0x1.8p23 + 127);
    /** Does what {@link #ROUNDER} does with the exponents of two floats, for powers beyond the normal floats. */
    private static final FloatVector WIDE_ROUNDER = all(0x1.8p23 + 2 * 127);
    private static final double LOG2_E_ROUNDED = (float) (1 / Math.log(2)), LN_2_ROUNDED = (float) Math.log(2);
    private static final FloatVector LOG2_E = all(LOG2_E_ROUNDED), LOG2_E_REST = all(1 / Math.log(2) - LOG2_E_ROUNDED);
    private static final FloatVector LN_2 = all(LN_2_ROUNDED), LN_2_REST = all(Math.log(2) - LN_2_ROUNDED);

    /** Beyond these exp is infinite and 0. */
    private static final FloatVector EXP_MOST = all(89), EXP_LEAST = all(-105);
    /** Below, 2 to the power is no normal float any more. */
    private static final FloatVector NORMAL_EXP_LEAST = all(-87);

    private static final FloatVector POWER_1 = all(0.693147), POWER_2 = all(0.24022242), POWER_3 = all(0.055507336),
            POWER_4 = all(0.009671513), POWER_5 = all(0.0013264727);
    private static final FloatVector EXACT_1 = all(0.6931472), EXACT_2 = all(0.24022648), EXACT_3 = all(0.055503324),
            EXACT_4 = all(0.009618437), EXACT_5 = all(0.0013398875), EXACT_6 = all(0.00015353362);
    private static final FloatVector LOG_3 = all(0.3333333), LOG_4 = all(-0.2500082), LOG_5 = all(0.20001227),
            LOG_6 = all(-0.16623357), LOG_7 = all(0.14201757), LOG_8 = all(-0.13160183), LOG_9 = all(0.12761578),
            LOG_10 = all(-0.07634498);
    private static final FloatVector TANH_3 = all(-0.33333284), TANH_5 = all(0.13331491), TANH_7 = all(-0.053743497),
            TANH_9 = all(0.020650588), TANH_11 = all(-0.005717045), TANH_SMALL = all(.625);
    /** Beyond these erf, rounded, is 1 and -1. */
    private static final FloatVector ERF_END = all(3.8325), ERF_START = ERF_END.neg();
    private static final FloatVector OVER_0 = all(1.1283791), OVER_1 = all(0.19059508), OVER_2 = all(0.052769475),
            OVER_3 = all(0.0037726075), OVER_4 = all(0.00028484495), OVER_5 = all(2.046019e-06);
    private static final FloatVector UNDER_1 = all(0.5022432), UNDER_2 = all(0.11418327),
            UNDER_3 = all(0.014983313), UNDER_4 = all(0.001163872), UNDER_5 = all(3.804776e-05);
    private static final FloatVector TAIL_0 = all(-0.99999994), TAIL_1 = all(-1.1511075), TAIL_2 = all(-0.45918968),
            TAIL_3 = all(-0.052553434), TAIL_4 = all(0.007149047), TAIL_5 = all(-0.00020486067),
            TAIL_6 = all(-0.00015710165), TAIL_7 = all(3.3067678e-05), TAIL_8 = all(-2.2933743e-06);
    /** Beyond, the tail is taken to be 2^-115; its polynomial would leave the normal floats. */
    private static final FloatVector TAIL_END = all(10);
    /** Coefficients of the derivative of GELU at -a, divided by {@code e^(-a^2 / 2)}. */
    private static final FloatVector SLOPE_0 = HALF, SLOPE_1 = all(-0.79788065), SLOPE_2 = all(0.24993102),
            SLOPE_3 = all(-0.1325626), SLOPE_4 = all(0.061244376), SLOPE_5 = all(-0.024410127),
            SLOPE_6 = all(0.008002664), SLOPE_7 = all(-0.0020003053), SLOPE_8 = all(0.0003459861),
            SLOPE_9 = all(-3.604029e-05), SLOPE_10 = all(1.6782428e-06);
    private static final FloatVector MINUS_HALF_LOG2_E = all(-0.5 / Math.log(2));
    private static final FloatVector GELU_TANH_1 = all(-ScalarMath.GELU_TANH_SLOPE),
            GELU_TANH_3 = all(-ScalarMath.GELU_TANH_SLOPE * ScalarMath.GELU_TANH_CUBE);

    private static final FloatVector LEAST_NORMAL = all(Float.MIN_NORMAL), TWO_TO_24 = all(0x1p24),
            TWENTY_FOUR = all(24);
    private static final IntVector ROOT_OF_HALF = all((float) Math.sqrt(.5)).reinterpretAsInts();
    private static final IntVector FRACTION = ROOT_OF_HALF.broadcast(0x7FFFFF);
    private static final IntVector SIGN = all(-0f).reinterpretAsInts();

    private VectorMath() {
    }

    private static FloatVector all(double value) {
        return FloatVector.broadcast(S, (float) value);
    }

    /** {@code 2^r} for r in [-1/2, 1/2]; relative error 9e-8 and that of rounding. */
    private static FloatVector powerOfTwo(FloatVector r) {
        FloatVector square = r.mul(r);
        FloatVector p = r.fma(POWER_5, POWER_4).fma(square, r.fma(POWER_3, POWER_2));
        return p.fma(square, r.fma(POWER_1, ONE));
    }

    /**
     * {@code 2^r} for r in [-1/2, 1/2], more exact than {@link #powerOfTwo}: relative error 2e-9 and that of rounding.
     */
    private static FloatVector exactPowerOfTwo(FloatVector r) {
        FloatVector square = r.mul(r);
        FloatVector p = EXACT_6.fma(square, r.fma(EXACT_5, EXACT_4)).fma(square, r.fma(EXACT_3, EXACT_2));
        return p.fma(square, r.fma(EXACT_1, ONE));
    }

    /** {@code 2^n}, given {@code n + ROUNDER}. */
    private static FloatVector scale(FloatVector rounded) {
        return rounded.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
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
        FloatVector rounded = bounded.fma(LOG2_E, WIDE_ROUNDER);
        FloatVector r = bounded.fma(LOG2_E, WIDE_ROUNDER.sub(rounded));
        return scaleTwice(exactPowerOfTwo(bounded.fma(LOG2_E_REST, r)), rounded);
    }

    /** {@code p 2^n}, given {@code n + WIDE_ROUNDER}: two factors, so that only the last product is rounded. */
    private static FloatVector scaleTwice(FloatVector p, FloatVector rounded) {
        IntVector n = rounded.reinterpretAsInts(), half = n.lanewise(LSHR, 1);
        FloatVector first = half.lanewise(LSHL, 23).reinterpretAsFloats();
        return p.mul(first).mul(n.sub(half).lanewise(LSHL, 23).reinterpretAsFloats());
    }

    /**
     * {@code e^x} for x at most 0, as in softmax: less work than {@link #exp}. Its relative error grows with x, as
     * {@code |x| 2e-8}, and below -87 it is 0.
     */
    static FloatVector expOfNonPositive(FloatVector x) {
        FloatVector rounded = x.fma(LOG2_E, ROUNDER);
        FloatVector power = powerOfTwo(x.fma(LOG2_E, ROUNDER.sub(rounded))).mul(scale(rounded));
        return power.blend(ZERO, x.compare(LT, NORMAL_EXP_LEAST));
    }

    /** Natural logarithm: -infinity at 0, NaN below. */
    static FloatVector log(FloatVector x) {
        VectorMask<Float> denormal = x.compare(LT, LEAST_NORMAL);
        // x = m 2^e, m in [sqrt(1/2), sqrt(2)): the bits of sqrt(1/2) taken off carry into the exponent.
        IntVector above = x.blend(x.mul(TWO_TO_24), denormal).reinterpretAsInts().sub(ROOT_OF_HALF);
        FloatVector e = (FloatVector) above.lanewise(ASHR, 23).convertShape(I2F, S, 0);
        e = e.blend(e.sub(TWENTY_FOUR), denormal);
        FloatVector f = above.and(FRACTION).add(ROOT_OF_HALF).reinterpretAsFloats().sub(ONE);
        FloatVector y = e.fma(LN_2, e.fma(LN_2_REST, logOnePlus(f)).add(f));
        y = y.blend(INFINITY, x.compare(EQ, INFINITY)).blend(INFINITY.neg(), x.compare(EQ, ZERO));
        return NAN.blend(y, x.compare(GE, ZERO));
    }

    /** {@code log(1 + f) - f} for 1 + f in [sqrt(1/2), sqrt(2)). */
    private static FloatVector logOnePlus(FloatVector f) {
        FloatVector square = f.mul(f);
        FloatVector p = f.fma(LOG_10, LOG_9).fma(square, f.fma(LOG_8, LOG_7));
        p = p.fma(square, f.fma(LOG_6, LOG_5)).fma(square, f.fma(LOG_4, LOG_3));
        return p.mul(f).sub(HALF).mul(square);
    }

    /** Hyperbolic tangent. */
    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector e = expOfNonPositive(a.mul(MINUS_TWO));
        FloatVector great = ONE.sub(e).div(e.add(ONE));
        return withSign(great.blend(smallTanh(a), a.compare(LT, TANH_SMALL)), x);
    }

    private static FloatVector smallTanh(FloatVector a) {
        FloatVector s = a.mul(a), square = s.mul(s);
        FloatVector p = TANH_11.fma(square, s.fma(TANH_9, TANH_7)).fma(square, s.fma(TANH_5, TANH_3));
        return p.mul(s).fma(a, a);
    }

    /** Magnitude of the first, which has no sign, and sign of the second. */
    private static FloatVector withSign(FloatVector magnitude, FloatVector sign) {
        return magnitude.reinterpretAsInts().or(sign.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    }

    /** The sign of x: -1 or 1; zeros and NaN stay what they are. */
    static FloatVector sign(FloatVector x) {
        return x.blend(ONE, x.compare(GT, ZERO)).blend(MINUS_ONE, x.compare(LT, ZERO));
    }

    /** {@code max(x, 0)}, NaN for NaN. */
    private static FloatVector positivePart(FloatVector x) {
        return x.blend(ZERO, x.compare(LT, ZERO));
    }

    /**
     * The standard normal distribution at -a for a in [0, 10], as 2 to a polynomial; the absolute error is at most
     * 1e-7 / (1 + a).
     */
    private static FloatVector normalTail(FloatVector a) {
        FloatVector square = a.mul(a), fourth = square.mul(square);
        FloatVector low = a.fma(TAIL_3, TAIL_2).fma(square, a.fma(TAIL_1, TAIL_0));
        FloatVector high = a.fma(TAIL_7, TAIL_6).fma(square, a.fma(TAIL_5, TAIL_4));
        return exp2(TAIL_8.fma(fourth, high).fma(fourth, low));
    }

    /** |x|, but not beyond the end of {@link #normalTail}. */
    private static FloatVector magnitude(FloatVector x) {
        FloatVector a = x.abs();
        return a.blend(TAIL_END, a.compare(GT, TAIL_END));
    }

    /** Error function, as x times a fraction of polynomials in its square. */
    static FloatVector erf(FloatVector x) {
        FloatVector s = x.mul(x), square = s.mul(s);
        FloatVector over = s.fma(OVER_5, OVER_4).fma(square, s.fma(OVER_3, OVER_2)).fma(square, s.fma(OVER_1, OVER_0));
        FloatVector under = s.fma(UNDER_5, UNDER_4).fma(square, s.fma(UNDER_3, UNDER_2)).fma(square,
                s.fma(UNDER_1, ONE));
        FloatVector y = over.mul(x).div(under);
        return y.blend(ONE, x.compare(GT, ERF_END)).blend(MINUS_ONE, x.compare(LT, ERF_START));
    }

    /** {@code x normal(x)}, as {@code max(x, 0) - |x| normal(-|x|)}. */
    static FloatVector gelu(FloatVector x) {
        FloatVector a = magnitude(x);
        return normalTail(a).neg().fma(a, positivePart(x));
    }

    /** {@code normal(x) + x density(x)}, the derivative of {@link #gelu}. */
    static FloatVector geluGradient(FloatVector x) {
        FloatVector a = magnitude(x);
        FloatVector square = a.mul(a), fourth = square.mul(square);
        FloatVector low = a.fma(SLOPE_3, SLOPE_2).fma(square, a.fma(SLOPE_1, SLOPE_0));
        FloatVector middle = a.fma(SLOPE_7, SLOPE_6).fma(square, a.fma(SLOPE_5, SLOPE_4));
        FloatVector high = SLOPE_10.fma(square, a.fma(SLOPE_9, SLOPE_8));
        FloatVector below = high.fma(fourth, middle).fma(fourth, low).mul(exp2(square.mul(MINUS_HALF_LOG2_E)));
        return ONE.sub(below).blend(below, x.compare(LT, ZERO));
    }

    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
    static FloatVector geluTanh(FloatVector x) {
        FloatVector a = magnitude(x);
        FloatVector e = expOfNonPositive(a.mul(a).fma(GELU_TANH_3, GELU_TANH_1).mul(a));
        return positivePart(x).sub(a.mul(e).div(e.add(ONE)));
    }

    /** {@code 1 / (1 + e^-x)}. */
    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expOfNonPositive(x.abs().neg());
        return ONE.blend(e, x.compare(LT, ZERO)).div(e.add(ONE));
    }
}
