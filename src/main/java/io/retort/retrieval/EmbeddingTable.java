package io.retort.retrieval;

import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.util.Map;

/**
 * Word, position and token type embeddings, looked up outside the graph: {@code x_t = word[id_t] + position[t] +
 * type[0]}. ND4J's gather has a wrong gradient, and rows gathered here are fed faster than indices. Immutable; any
 * thread.
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

    /** Looks up the embeddings of a batch, {@code [batch, time, dim]}, with zeros where a text has ended. */
    Tensor gather(TokenBatch batch) {
        int dim = config.dim();
        float[] rows = new float[batch.ids().length * dim];
        for (int text = 0; text < batch.batch(); text++) {
            for (int t = 0; t < batch.lengths()[text]; t++) {
                int token = text * batch.time() + t;
                int word = batch.ids()[token] * dim;
                int place = (t + config.positionOffset()) * dim;
                int row = token * dim;
                for (int j = 0; j < dim; j++) rows[row + j] = words[word + j] + places[place + j];
            }
        }
        return Tensor.of(rows, batch.batch(), batch.time(), dim);
    }
}
