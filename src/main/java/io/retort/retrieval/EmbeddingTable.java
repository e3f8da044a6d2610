package io.retort.retrieval;

import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import io.retort.text.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Word, position and token type embeddings, looked up outside the graph: {@code x_t = word[id_t] + position[t] +
 * type[0]}, of which a family may lack the latter two. ND4J's gather has a wrong gradient, and rows gathered here are fed faster than indices. Immutable; any
 * thread.
 */
final class EmbeddingTable {
    /** The names that BERT and its near relations have for the tables. */
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String POSITIONS = "embeddings.position_embeddings.weight";
    static final String TYPES = "embeddings.token_type_embeddings.weight";

    private final EncoderConfig config;
    private final float[] words; // [vocabulary, dim]
    private final float[] places; // [positions, dim], the row of token type 0 added; empty if there are no positions

    EmbeddingTable(EncoderConfig config, String prefix, Map<String, Tensor> weights) {
        this.config = config;
        EncoderFamily.Tables tables = config.family().tables();
        this.words = weights.get(prefix + tables.words()).toFloats();
        this.places = tables.positions().isEmpty()
                ? new float[0]
                : weights.get(prefix + tables.positions()).toFloats().clone();
        if (tables.types().isEmpty()) return;
        float[] types = weights.get(prefix + tables.types()).toFloats();
        for (int i = 0; i < places.length; i++) places[i] += types[i % config.dim()];
    }

    /** Returns names and shapes of the tables that an encoder has: words, positions, types. */
    static SequencedMap<String, Shape> shapes(EncoderConfig config, String prefix) {
        EncoderFamily.Tables tables = config.family().tables();
        SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(prefix + tables.words(), Shape.of(config.vocabulary(), config.dim()));
        if (!tables.positions().isEmpty()) {
            shapes.put(prefix + tables.positions(), Shape.of(config.positions(), config.dim()));
        }
        if (!tables.types().isEmpty()) {
            shapes.put(prefix + tables.types(), Shape.of(config.tokenTypes(), config.dim()));
        }
        return shapes;
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
                if (places.length == 0) System.arraycopy(words, word, rows, row, dim);
                else for (int j = 0; j < dim; j++) rows[row + j] = words[word + j] + places[place + j];
            }
        }
        return Tensor.of(rows, batch.batch(), batch.time(), dim);
    }
}
