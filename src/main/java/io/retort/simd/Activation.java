package io.retort.simd;

/** Function applied to each element of a product. */
public enum Activation {
    /** The identity: x itself. */
    NONE,
    /** The exact GELU, {@code x (1 + erf(x / sqrt 2)) / 2}. */
    GELU,
    /** The approximation of GELU by tanh, {@code x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2}. */
    GELU_TANH;

    /** The function's value, computed in double precision. */
    float of(float x) {
        return switch (this) {
            case NONE -> x;
            case GELU -> (float) ScalarMath.gelu(x);
            case GELU_TANH -> (float) ScalarMath.geluTanh(x);
        };
    }
}
