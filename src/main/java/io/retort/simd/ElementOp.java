package io.retort.simd;

/** What an instruction of an {@link ElementChain} does with registers a and b and its constant c. */
public enum ElementOp {
    /** a + b. */
    ADD(2),
    /** a - b. */
    SUBTRACT(2),
    /** a b. */
    MULTIPLY(2),
    /** a / b. */
    DIVIDE(2),
    /** The greater, NaN if either is NaN. */
    MAXIMUM(2),
    /** The smaller, NaN if either is NaN. */
    MINIMUM(2),
    /** a. */
    COPY(1),
    /** -a. */
    NEGATE(1),
    /** |a|. */
    ABSOLUTE(1),
    /** -1, 0 or 1, as a is; NaN and zeros stay what they are. */
    SIGN(1),
    /** 1 / a. */
    RECIPROCAL(1),
    /** a a. */
    SQUARE(1),
    /** The square root. */
    SQUARE_ROOT(1),
    /** e to the a. */
    EXP(1),
    /** The natural logarithm. */
    LOG(1),
    /** The hyperbolic tangent. */
    TANH(1),
    /** The error function. */
    ERF(1),
    /** 1 / (1 + exp(-a)). */
    SIGMOID(1),
    /** a times the standard normal distribution at a. */
    GELU(1),
    /** The derivative of {@link #GELU}. */
    GELU_GRADIENT(1),
    /** a/2 (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3))). */
    GELU_TANH(1),
    /** a + c. */
    ADD_CONSTANT(1),
    /** c - a. */
    SUBTRACT_FROM_CONSTANT(1),
    /** a c. */
    MULTIPLY_CONSTANT(1),
    /** The greater of a and c, NaN if either is NaN. */
    MAXIMUM_CONSTANT(1),
    /** a to the power c, by {@link Math#pow}: not fast where no other op does the same. */
    POWER(1);

    private final int operands;

    ElementOp(int operands) {
        this.operands = operands;
    }

    /** How many registers it reads: 1 (a) or 2 (a and b). */
    public int operands() {
        return operands;
    }
}
