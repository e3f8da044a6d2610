package io.retort.simd;

/**
 * Functions of one real number in double precision: what {@link VectorMath} approximates, and what scalar kernels call
 * and round to float.
 */
final class ScalarMath {
    private static final double ROOT_TWO = Math.sqrt(2);
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
    private static final double ONE_OVER_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);
    /** Where the series of erf stops and the continued fraction of erfc begins; each is exact to 1e-15 on its side. */
    private static final double SERIES_END = 2.5;
    private static final int FRACTION_TERMS = 60;
    static final double GELU_TANH_SLOPE = 2 * Math.sqrt(2 / Math.PI);
    static final double GELU_TANH_CUBE = 0.044715;

    private ScalarMath() {
    }

    /** Error function, {@code 2/sqrt(pi) integral of exp(-t^2) over [0, x]}. */
    static double erf(double x) {
        double z = Math.abs(x);
        return Double.isNaN(x) ? x : Math.copySign(z < SERIES_END ? series(z) : 1 - fraction(z), x);
    }

    /** {@code 1 - erf(x)}, without cancellation for great x. */
    static double erfc(double x) {
        return x < SERIES_END ? 1 - erf(x) : fraction(x);
    }

    /** {@code erf(z) = 2/sqrt(pi) exp(-z^2) sum of 2^n z^(2n+1) / (2n+1)!!}: no term is negative. */
    private static double series(double z) {
        double sum = z, term = z;
        for (int n = 1; term > 1e-17 * sum; n++) {
            term *= 2 * z * z / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_ROOT_PI * Math.exp(-z * z) * sum;
    }

    /** {@code erfc(z) = exp(-z^2)/sqrt(pi) / (z + (1/2)/(z + 1/(z + (3/2)/(z + ...))))}, for z far from 0. */
    private static double fraction(double z) {
        if (Double.isInfinite(z)) return 0;
        double below = z;
        for (int n = FRACTION_TERMS; n > 0; n--) below = z + n / 2.0 / below;
        return Math.exp(-z * z) * TWO_OVER_ROOT_PI / 2 / below;
    }

    /** The standard normal distribution function. */
    static double normal(double x) {
        return 0.5 * erfc(-x / ROOT_TWO);
    }

    /** The standard normal density, the derivative of {@link #normal}. */
    static double normalDensity(double x) {
        return ONE_OVER_ROOT_TWO_PI * Math.exp(-0.5 * x * x);
    }

    /** {@code x normal(x)}. */
    static double gelu(double x) {
        return x == Double.NEGATIVE_INFINITY ? 0 : x * normal(x);
    }

    /** {@code normal(x) + x density(x)}, the derivative of {@link #gelu}. */
    static double geluGradient(double x) {
        return Double.isInfinite(x) ? normal(x) : normal(x) + x * normalDensity(x);
    }

    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}, as GPT-2 has it; equal to {@code x sigmoid(2 ...)}. */
    static double geluTanh(double x) {
        return x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(GELU_TANH_SLOPE * (x + GELU_TANH_CUBE * x * x * x));
    }

    /** {@code 1 / (1 + exp(-x))}. */
    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
