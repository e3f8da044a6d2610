package io.retort.model;

import io.retort.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the graph of a {@link TransformerDecoder} is fed for some rows; rows that stay as they are made see nothing. */
final class DecoderInputs {
    private final DecoderConfig config;
    private final int keys;
    private final float[] embeddings;
    private final float[] cosine;
    private final float[] sine;
    private final float[] mask;

    /**
     * @param slots of the cache, 0 for none
     */
    DecoderInputs(DecoderConfig config, int rows, int slots) {
        this.config = config;
        this.keys = slots + rows;
        this.embeddings = new float[rows * config.dim()];
        this.mask = new float[Math.multiplyExact(rows, keys)];
        Arrays.fill(mask, TransformerDecoder.UNSEEN);
        boolean rotary = config.family() == DecoderFamily.LLAMA;
        this.cosine = new float[rotary ? rows * config.headDim() : 0];
        this.sine = new float[cosine.length];
    }

    /** The array that row's embedding is written to, from {@code row * dim} on. */
    float[] embeddings() {
        return embeddings;
    }

    /** Gives a row its rotary angles. */
    void place(int row, int position) {
        if (cosine.length == 0) return;
        int half = config.headDim() / 2, at = row * config.headDim();
        for (int j = 0; j < half; j++) {
            // Rounded to F32 where PyTorch's models round: far into a text that is more than the last digit.
            float frequency = 1 / (float) Math.pow(config.ropeTheta(), (float) (2 * j) / config.headDim());
            float angle = position * frequency;
            cosine[at + j] = cosine[at + half + j] = (float) Math.cos(angle);
            sine[at + j] = sine[at + half + j] = (float) Math.sin(angle);
        }
    }

    /** Lets a row see keys {@code [from, to)}: slots of the cache, then the rows of this run. */
    void see(int row, int from, int to) {
        Arrays.fill(mask, row * keys + from, row * keys + to, 0);
    }

    Map<String, Tensor> tensors() {
        int rows = embeddings.length / config.dim();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(TransformerDecoder.EMBEDDINGS, Tensor.of(embeddings, rows, config.dim()));
        inputs.put(TransformerDecoder.MASK, Tensor.of(mask, 1, 1, rows, keys));
        if (cosine.length > 0) {
            inputs.put(TransformerDecoder.COSINE, Tensor.of(cosine, rows, config.headDim()));
            inputs.put(TransformerDecoder.SINE, Tensor.of(sine, rows, config.headDim()));
        }
        return inputs;
    }
}
