package io.retort.generate;

import java.util.Arrays;

/** Tokens with weights that a draw is made from; reused from draw to draw. For use by one thread. */
final class Candidates {
    private int[] ids = new int[1024];
    private float[] weights = new float[ids.length];
    private long[] keys = new long[ids.length];
    private int size;

    void clear() {
        size = 0;
    }

    /**
     * @param weight 0 or more
     * @return the weight
     */
    float add(int id, float weight) {
        if (size == ids.length) grow();
        ids[size] = id;
        weights[size++] = weight;
        return weight;
    }

    private void grow() {
        ids = Arrays.copyOf(ids, 2 * size);
        weights = Arrays.copyOf(weights, 2 * size);
        keys = new long[2 * size];
    }

    /**
     * Keeps the heaviest whose predecessors weigh less than {@code mass} together; of equals the smaller id is first.
     */
    void keepNucleus(double mass) {
        // Bits of floats that are not negative are in the order of the floats: one sort of primitives orders both.
        for (int i = 0; i < size; i++) {
            keys[i] = (long) (Integer.MAX_VALUE - Float.floatToRawIntBits(weights[i])) << Integer.SIZE | ids[i];
        }
        Arrays.sort(keys, 0, size);
        int kept = 0;
        for (double before = 0; kept < size && before < mass; before += weights[kept++]) {
            ids[kept] = (int) keys[kept];
            weights[kept] = Float.intBitsToFloat(Integer.MAX_VALUE - (int) (keys[kept] >>> Integer.SIZE));
        }
        size = kept;
    }

    /**
     * Draws the candidate at which the weights, added up, exceed a share of their sum.
     *
     * @param share in [0, 1)
     * @return its id, or {@link TokenChooser#NONE} if nothing has weight
     */
    int draw(double share) {
        double mass = 0;
        for (int i = 0; i < size; i++) mass += weights[i];
        double target = share * mass, sum = 0;
        for (int i = 0; i < size; i++) {
            sum += weights[i];
            if (sum > target) return ids[i];
        }
        return TokenChooser.NONE;
    }
}
