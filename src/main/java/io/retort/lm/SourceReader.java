package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;

/**
 * The half of an encoder–decoder that reads: what makes, of a source's tokens, the keys and values that the layers of
 * its decoder look at ({@link DecoderLayer#sourceAttention}). The other half is a {@link DecoderFamily} like any other.
 */
public interface SourceReader {
    /** Returns the name of the parameter that holds the learned positions of the source, of the decoder's shape. */
    String sourcePositions();

    /** Returns by what the embedding of a source's token is multiplied before its position is added to it. */
    float sourceScale(DecoderConfig config);

    /**
     * Writes the encoder to the graph.
     *
     * @param embeddings of the source's tokens, positions included, {@code [rows, dim]}
     * @param mask       {@code [1, 1, rows, rows]}: 0 where a row sees another, a large negative number elsewhere
     * @return {@code [rows, dim]}
     */
    Node encoder(Graph graph, DecoderConfig config, Node embeddings, Node mask);

    /**
     * Writes the keys that a layer of the decoder looks at.
     *
     * @param encoded what {@link #encoder} gives
     * @return {@code [rows, keyValueDim]}
     */
    Node sourceKey(Graph graph, DecoderConfig config, int layer, Node encoded);

    /** Writes the values that a layer of the decoder mixes, of the shape of its keys. */
    Node sourceValue(Graph graph, DecoderConfig config, int layer, Node encoded);

    /** Returns the tokens by which a model frames its replies. */
    ReplyFrame frame(DecoderConfig config);
}
