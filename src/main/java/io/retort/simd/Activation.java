package io.retort.simd;

import org.apache.commons.math3.special.Erf;

/** Function applied to each element of a product. */
public enum Activation {
    /** x. */
    NONE,
    /** {@code x (1 + erf(x / sqrt 2)) / 2}. */
    GELU,
    /** {@code x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2}. */
    GELU_TANH;

    /** The function's value, computed in double precision. */
    float of(float x) {
        return switch (this) {
            case NONE -> x;
            case GELU -> (float) (.5 * x * (1 + Erf.erf(x * Math.sqrt(.5))));
            case GELU_TANH -> (float) (.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + .044715 * x * x * x))));
        };
    }
}
