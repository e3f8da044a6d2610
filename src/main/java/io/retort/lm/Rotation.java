package io.retort.lm;

/**
 * How rotary positions turn queries and keys (Su et al. 2021): dimensions {@code j} and {@code j + dims/2} of a head are
 * the coordinates of a point that is turned by {@code position · frequency(j)}. Immutable.
 */
public interface Rotation {
    /** Dimensions of a head that are turned, its first ones; even. */
    int dims();

    /**
     * Radians from one token to the next, in floats, as PyTorch's models have them: far into a text that is more than the
     * last digit.
     *
     * @param j of {@code [0, dims/2)}
     */
    float frequency(int j);

    /** A factor of what is turned; other than 1 in some ways to lengthen a model's context. */
    default float amplitude() {
        return 1;
    }

    /**
     * The plain kind, {@code θ^(−2j/dims)}.
     *
     * @param theta θ
     */
    record Plain(double theta, int dims) implements Rotation {
        @Override
        public float frequency(int j) {
            return 1 / (float) Math.pow(theta, (float) (2 * j) / dims);
        }
    }
}
