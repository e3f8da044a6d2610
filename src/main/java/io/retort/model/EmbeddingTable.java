package io.retort.model;

import io.retort.tensor.Tensor;
import java.util.Map;

/**
 * Word, position and token type embeddings, looked up outside the graph: {@code x_t = word[id_t] + position[t] + type[0]}. ND4J's gather
 * has a wrong gradient, and rows gathered here are fed faster than indices. Immutable; any thread.
 */
final class EmbeddingTable {
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String POSITIONS = "embeddings.position_embeddings.weight";
    static final String TYPES = "embeddings.token_type_embeddings.weight";

    private final EncoderConfig config;
    private final float[] words; // [vocabulary, dim]
    private final float[] places; // [positions, dim], the row of token type 0 added

    EmbeddingTable(EncoderConfig config, String prefix, Map<String, Tensor> weights) {
        this.config = config;
        this.words = weights.get(prefix + WORDS).toFloats();
        this.places = weights.get(prefix + POSITIONS).toFloats().clone();
        float[] types = weights.get(prefix + TYPES).toFloats();
        for (int i = 0; i < places.length; i++) places[i] += types[i % config.dim()];
    }

    /**
     * Embeddings of a batch of texts.
     *
     * @param texts ids of each text, none longer than {@code time}
     * @return {@code [batch, time, dim]}, zeros where a text has ended
     */
    Tensor gather(int[][] texts, int time) {
        int dim = config.dim();
        float[] rows = new float[texts.length * time * dim];
        for (int text = 0; text < texts.length; text++) {
            for (int t = 0; t < texts[text].length; t++) {
                int word = texts[text][t] * dim;
                int place = (t + config.positionOffset()) * dim;
                int row = (text * time + t) * dim;
                for (int j = 0; j < dim; j++) rows[row + j] = words[word + j] + places[place + j];
            }
        }
        return Tensor.of(rows, texts.length, time, dim);
    }
}
