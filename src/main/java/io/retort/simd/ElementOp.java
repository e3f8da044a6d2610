package io.retort.simd;

/** What an instruction of an {@link ElementChain} does with registers a and b and its constant c. */
public enum ElementOp {
    /** The sum a + b. */
    ADD(2),
    /** The difference a - b. */
    SUBTRACT(2),
    /** The product a b. */
    MULTIPLY(2),
    /** The quotient a / b. */
    DIVIDE(2),
    /** The greater of a and b, NaN if either is NaN. */
    MAXIMUM(2),
    /** The smaller of a and b, NaN if either is NaN. */
    MINIMUM(2),
    /** A copy of a. */
    COPY(1),
    /** The negative -a. */
    NEGATE(1),
    /** The absolute value |a|. */
    ABSOLUTE(1),
    /** The sign of a: -1 or 1; NaN and zeros stay what they are. */
    SIGN(1),
    /** The reciprocal 1 / a. */
    RECIPROCAL(1),
    /** The square a a. */
    SQUARE(1),
    /** The square root of a. */
    SQUARE_ROOT(1),
    /** The exponential, e to the power a. */
    EXP(1),
    /** The natural logarithm of a. */
    LOG(1),
    /** The hyperbolic tangent of a. */
    TANH(1),
    /** The error function of a. */
    ERF(1),
    /** The logistic function 1 / (1 + exp(-a)). */
    SIGMOID(1),
    /** The exact GELU: a times the standard normal distribution function at a. */
    GELU(1),
    /** The derivative of {@link #GELU} at a. */
    GELU_GRADIENT(1),
    /** The approximation of GELU by tanh, a/2 (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3))). */
    GELU_TANH(1),
    /** The sum a + c. */
    ADD_CONSTANT(1),
    /** The difference c - a. */
    SUBTRACT_FROM_CONSTANT(1),
    /** The product a c. */
    MULTIPLY_CONSTANT(1),
    /** The greater of a and c, NaN if either is NaN. */
    MAXIMUM_CONSTANT(1),
    /** The power of a to the c: as slow as {@link Math#pow} is, so squares and roots have ops of their own. */
    POWER(1);

    private final int operands;

    ElementOp(int operands) {
        this.operands = operands;
    }

    /** How many registers the op reads: 1 (a) or 2 (a and b). */
    public int operands() {
        return operands;
    }
}
