package io.retort.model;

/**
 * How the outputs for the tokens of a text become one vector: {@code h = Σ_t p_t h_t}, the weights {@code p} summing to
 * 1.
 */
public enum Pooling {
    /** Every token counts the same (the paper's choice). */
    MEAN {
        @Override
        void fill(float[] weights, int from, int length) {
            for (int t = 0; t < length; t++) weights[from + t] = 1f / length;
        }
    },
    /** The first token alone, BERT's {@code [CLS]}. */
    FIRST {
        @Override
        void fill(float[] weights, int from, int length) {
            weights[from] = 1;
        }
    },
    /** Later tokens count more, in proportion to their position: {@code p_t = t / Σ_s s}, t from 1. */
    WEIGHTED {
        @Override
        void fill(float[] weights, int from, int length) {
            double total = length * (length + 1.0) / 2;
            for (int t = 0; t < length; t++) weights[from + t] = (float) ((t + 1) / total);
        }
    };

    /** Writes the weights of a text of {@code length} tokens from {@code from} on; what follows, padding, stays 0. */
    abstract void fill(float[] weights, int from, int length);
}
