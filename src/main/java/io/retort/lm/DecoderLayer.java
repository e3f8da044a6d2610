package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;

/**
 * The place in the graph that a family writes one layer to, and what it is written with. All nodes are {@code [rows,
 * ...]}, a row being a token of some sequence.
 */
public final class DecoderLayer {
    private final TransformerDecoder decoder;
    private final int index;

    DecoderLayer(TransformerDecoder decoder, int index) {
        this.decoder = decoder;
        this.index = index;
    }

    public Graph graph() {
        return decoder.graph();
    }

    public DecoderConfig config() {
        return decoder.config();
    }

    /** Returns the number of the layer, from 0. */
    public int index() {
        return index;
    }

    /**
     * Applies {@code x · Wᵀ} with the parameter {@code NAME.weight}, {@code [out, in]}, and its low-rank adapters where
     * those are trained.
     *
     * @param x {@code [rows, in]}
     */
    public Node projection(String name, Node x, int in, int out) {
        LowRank adapters = decoder.adapters();
        return adapters == null
                ? Layers.projection(graph(), name, x, in, out)
                : adapters.projection(graph(), name, x, in, out);
    }

    /** Applies {@link #projection} and adds the parameter {@code NAME.bias}, {@code [out]}. */
    public Node linear(String name, Node x, int in, int out) {
        return graph().add(projection(name, x, in, out), graph().parameter(name + ".bias", out));
    }

    /** Turns each head by the row's position, in the first of the family's rotations. */
    public Node rotated(Node x, int heads) {
        return rotated(x, heads, 0);
    }

    /**
     * Turns each head by the row's position, in one of the family's rotations.
     *
     * @param x        {@code [rows, heads * headDim]}
     * @param rotation which of {@link DecoderFamily#rotations}
     */
    public Node rotated(Node x, int heads, int rotation) {
        return graph().reshape(decoder.rotation(rotation).apply(x, heads), Graph.ANY, heads * config().headDim());
    }

    /**
     * Mixes for each row the values of the source that its sequence was made for.
     *
     * @param query {@code [rows, heads * headDim]}
     * @return {@code [rows, heads * headDim]}
     */
    public Node sourceAttention(Node query) {
        DecoderConfig config = config();
        return Layers.rowAttention(graph(), query, decoder.ofSource(index, "key"), decoder.ofSource(index, "value"),
                decoder.sourceMask(), config.heads(), config.keyValueHeads(), config.headDim());
    }

    /** Mixes for each row the values that it sees, with the usual logits {@code Q Kᵀ / √headDim} and no cap. */
    public Node attention(Node query, Node key, Node value) {
        return attention(query, key, value, 1 / Math.sqrt(config().headDim()), 0);
    }

    /**
     * Mixes for each row the values that it sees, with a chosen scale and cap of the logits; earlier tokens of the
     * row's own sequence are among them.
     *
     * @param query   {@code [rows, heads * headDim]}
     * @param key     {@code [rows, keyValueHeads * headDim]}; {@code value} has the same shape
     * @param scale   factor of the logits
     * @param softCap bound that the logits stay below in magnitude; 0 for none
     * @return {@code [rows, heads * headDim]}
     */
    public Node attention(Node query, Node key, Node value, double scale, double softCap) {
        Node keys = decoder.withPast(key, index, "key");
        Node values = decoder.withPast(value, index, "value");
        DecoderConfig config = config();
        return Layers.rowAttention(graph(), query, keys, values, decoder.maskOf(index), config.heads(),
                config.keyValueHeads(), config.headDim(), scale, softCap);
    }
}
