package io.retort.retrieval;

import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.util.Arrays;
import java.util.List;

/**
 * How the outputs h_t for the tokens of a text become one vector: {@code h = Σ_t p_t h_t} for all constants but {@link
 * #MAXIMUM}.
 */
public enum Pooling {
    /** The first token's output alone, which is BERT's {@code [CLS]}. */
    FIRST {
        @Override
        void fill(float[] weights, int from, int length) {
            weights[from] = 1;
        }
    },
    /** The largest output of all tokens in each dimension. It is no weighted sum and cannot be trained. */
    MAXIMUM {
        @Override
        void fill(float[] weights, int from, int length) {
            throw new IllegalStateException("a maximum has no weights");
        }
    },
    /** The mean of all tokens' outputs, which is the paper's choice: {@code p_t = 1 / n}. */
    MEAN {
        @Override
        void fill(float[] weights, int from, int length) {
            for (int t = 0; t < length; t++) weights[from + t] = 1f / length;
        }
    },
    /** The sum of all tokens' outputs divided by the square root of their number: {@code p_t = 1 / √n}. */
    MEAN_SQRT {
        @Override
        void fill(float[] weights, int from, int length) {
            Arrays.fill(weights, from, from + length, (float) (1 / Math.sqrt(length)));
        }
    },
    /** A mean in which later tokens count more, in proportion to their position: {@code p_t = t / Σ_s s}, t from 1. */
    WEIGHTED {
        @Override
        void fill(float[] weights, int from, int length) {
            double total = length * (length + 1.0) / 2;
            for (int t = 0; t < length; t++) weights[from + t] = (float) ((t + 1) / total);
        }
    },
    /** The last token's output alone. */
    LAST {
        @Override
        void fill(float[] weights, int from, int length) {
            weights[from + length - 1] = 1;
        }
    };

    /**
     * Writes the weights p of a text of {@code length} tokens from {@code from} on; what follows, padding, stays 0.
     */
    abstract void fill(float[] weights, int from, int length);

    /**
     * Pools outside of a graph, which is necessary where {@link #MAXIMUM} is among the poolings.
     *
     * @param hidden {@code [batch, time, dim]}
     * @return {@code [batch, poolings * dim]}
     */
    static Tensor pool(List<Pooling> poolings, TokenBatch batch, Tensor hidden) {
        int dim = hidden.shape().dim(-1);
        float[] values = hidden.toFloats();
        float[] pooled = new float[batch.batch() * poolings.size() * dim];
        for (int text = 0; text < batch.batch(); text++) {
            int length = batch.lengths()[text];
            for (int p = 0; p < poolings.size(); p++) {
                int to = (text * poolings.size() + p) * dim;
                int first = text * batch.time() * dim;
                if (poolings.get(p) == MAXIMUM) maximum(values, first, length, pooled, to, dim);
                else poolings.get(p).mix(values, first, length, pooled, to, dim);
            }
        }
        return Tensor.of(pooled, batch.batch(), poolings.size() * dim);
    }

    private static void maximum(float[] values, int first, int length, float[] pooled, int to, int dim) {
        System.arraycopy(values, first, pooled, to, dim);
        for (int t = 1; t < length; t++) {
            for (int j = 0; j < dim; j++) pooled[to + j] = Math.max(pooled[to + j], values[first + t * dim + j]);
        }
    }

    private void mix(float[] values, int first, int length, float[] pooled, int to, int dim) {
        float[] weights = new float[length];
        fill(weights, 0, length);
        for (int t = 0; t < length; t++) {
            for (int j = 0; j < dim; j++) pooled[to + j] += weights[t] * values[first + t * dim + j];
        }
    }
}
