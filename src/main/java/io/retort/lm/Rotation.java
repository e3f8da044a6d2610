package io.retort.lm;

/**
 * How rotary positions turn queries and keys (Su et al. 2021): dimensions {@code j} and {@code j + dims/2} of a head are
 * the coordinates of a point that is turned by {@code position · frequency(j)}. Immutable.
 */
public interface Rotation {
    /** Returns how many dimensions of a head are turned, its first ones; the number is even. */
    int dims();

    /**
     * Returns the angle in radians from one token to the next. It is a float, as in PyTorch's models: far into a text,
     * the rounding matters.
     *
     * @param j number of the pair, in {@code [0, dims/2)}
     */
    float frequency(int j);

    /**
     * Returns a factor of the turned coordinates; it differs from 1 in some methods that lengthen a model's context.
     */
    default float amplitude() {
        return 1;
    }

    /**
     * The original rotation, whose frequencies are {@code θ^(−2j/dims)}.
     *
     * @param theta the base θ
     */
    record Plain(double theta, int dims) implements Rotation {
        @Override
        public float frequency(int j) {
            return 1 / (float) Math.pow(theta, (float) (2 * j) / dims);
        }
    }
}
