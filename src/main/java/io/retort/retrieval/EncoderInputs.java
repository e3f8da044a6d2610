package io.retort.retrieval;

import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes what the graph of a {@link TransformerEncoder} is fed for a batch: embeddings, mask, what its family asks for
 * and, where texts are pooled in the graph, the weights of pooling.
 */
final class EncoderInputs {
    static final String EMBEDDINGS = "embeddings";
    static final String MASK = "mask";

    private EncoderInputs() {}

    /**
     * Returns the inputs of a graph that ends in the encoder's hidden states.
     *
     * @param embeddings {@code [batch, time, dim]}
     */
    static Map<String, Tensor> of(EncoderConfig config, TokenBatch batch, Tensor embeddings) {
        int time = batch.time();
        float[] mask = new float[batch.batch() * time];
        for (int text = 0; text < batch.batch(); text++) {
            Arrays.fill(mask, text * time + batch.lengths()[text], (text + 1) * time, TransformerEncoder.MASKED);
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(EMBEDDINGS, embeddings);
        inputs.put(MASK, Tensor.of(mask, batch.batch(), 1, 1, time));
        config.family().feed(config, batch, inputs);
        return inputs;
    }

    /** Returns the inputs of a graph that ends in {@link PooledOutput}. */
    static Map<String, Tensor> pooled(EncoderConfig config, TokenBatch batch, Tensor embeddings,
            List<Pooling> poolings) {
        Map<String, Tensor> inputs = of(config, batch, embeddings);
        addPooling(batch, poolings, inputs);
        return inputs;
    }

    /** Adds the weights of pooling, which {@link PooledOutput} is fed, to other inputs. */
    static void addPooling(TokenBatch batch, List<Pooling> poolings, Map<String, Tensor> inputs) {
        int time = batch.time();
        float[] weights = new float[batch.batch() * poolings.size() * time];
        int row = 0;
        for (int text = 0; text < batch.batch(); text++) {
            for (Pooling pooling : poolings) pooling.fill(weights, row++ * time, batch.lengths()[text]);
        }
        inputs.put(PooledOutput.WEIGHTS, Tensor.of(weights, batch.batch(), poolings.size(), time));
    }
}
