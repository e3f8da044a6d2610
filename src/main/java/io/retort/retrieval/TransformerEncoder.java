package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;

/**
 * A Transformer encoder (Vaswani et al. 2017) as a graph, whose layers its {@link EncoderFamily} writes with the parts
 * that are here. Embeddings are looked up outside ({@link EmbeddingTable}).
 */
public final class TransformerEncoder {
    /** The number added to the logits of what is not to be seen, so that attention gives it no weight. */
    static final float MASKED = -1e9f;

    /**
     * The names of the parameters of a layer, within the layer: what a layer of BERT is made of, whatever a family calls
     * it.
     *
     * @param attended the projection of what attention has mixed
     * @param attentionNorm the norm of the attention block
     * @param inner the first half of the feed-forward block
     * @param outer the second half of it
     * @param outputNorm the norm of the feed-forward block
     */
    public record LayerNames(String query, String key, String value, String attended, String attentionNorm,
            String inner, String outer, String outputNorm) {
    }

    private final Graph graph;
    private final EncoderConfig config;
    private final String prefix;
    private final Node embeddings; // [batch, time, dim]
    private final Node mask; // [batch, 1, 1, time]
    private final Dropout dropout;

    /**
     * Declares the inputs {@code embeddings} and {@code mask}.
     *
     * @param prefix prefix of the parameters' names; empty or ending in a dot
     */
    TransformerEncoder(Graph graph, EncoderConfig config, String prefix) {
        this(graph, config, prefix, Dropout.none());
    }

    /** Writes an encoder with dropout, for training. */
    TransformerEncoder(Graph graph, EncoderConfig config, String prefix, Dropout dropout) {
        this.dropout = dropout;
        this.graph = graph;
        this.config = config;
        this.prefix = prefix;
        this.embeddings = graph.input(EncoderInputs.EMBEDDINGS, Graph.ANY, Graph.ANY, config.dim());
        this.mask = graph.input(EncoderInputs.MASK, Graph.ANY, 1, 1, Graph.ANY);
    }

    /** Returns the last layer's output, {@code [batch, time, dim]}. */
    Node hidden() {
        Node x = config.family().hidden(this, graph.flatten(embeddings, config.dim()));
        return graph.reshapeLike(x, embeddings, 2, config.dim());
    }

    /** Returns the graph that is written to. */
    public Graph graph() {
        return graph;
    }

    public EncoderConfig config() {
        return config;
    }

    /** Returns what hides padding from attention, {@code [batch, 1, 1, time]}. */
    public Node mask() {
        return mask;
    }

    /** Writes a layer that normalises each residual sum: {@code x = norm(x + f(x))}, as BERT does. */
    public Node postNormLayer(String layer, LayerNames names, Node x, Node seen) {
        Node attended = norm(layer + names.attentionNorm, graph.add(attention(layer, names, x, seen), x));
        return norm(layer + names.outputNorm, graph.add(feedForward(layer, names, attended), attended));
    }

    /** Writes the attention block of a layer: projections, attention, and the projection of what it mixes. */
    public Node attention(String layer, LayerNames names, Node x, Node seen) {
        int dim = config.dim();
        Node mixed = attention(linear(layer + names.query, x, dim, dim), linear(layer + names.key, x, dim, dim),
                linear(layer + names.value, x, dim, dim), seen);
        return dropped(layer + "attention", linear(layer + names.attended, mixed, dim, dim));
    }

    /**
     * Writes attention alone.
     *
     * @param query {@code [batch * time, dim]}; key and value have the same shape
     * @param seen added to the logits: the {@link #mask}, or something of {@code [batch or 1, heads or 1, time, time]}
     */
    public Node attention(Node query, Node key, Node value, Node seen) {
        return Layers.attention(graph, query, key, value, embeddings, seen, config.heads(), config.headDim());
    }

    /** Writes the feed-forward block of a layer. */
    public Node feedForward(String layer, LayerNames names, Node x) {
        Node inner = activation(linear(layer + names.inner, x, config.dim(), config.feedForward()));
        return dropped(layer + "output", linear(layer + names.outer, inner, config.feedForward(), config.dim()));
    }

    /** Applies the non-linearity that the configuration names. */
    public Node activation(Node x) {
        return config.activation().apply(graph, x);
    }

    /**
     * In training, drops out elements of a value.
     *
     * @param site a name that no other place of the graph has
     * @param x {@code [batch * time, dim]}
     */
    public Node dropped(String site, Node x) {
        return dropout.at(site, graph, x, config.dim());
    }

    /** Applies a linear layer with bias. */
    public Node linear(String name, Node x, int in, int out) {
        return Layers.linear(graph, prefix + name, x, in, out);
    }

    /** Applies a linear layer without bias. */
    public Node projection(String name, Node x, int in, int out) {
        return Layers.projection(graph, prefix + name, x, in, out);
    }

    /** Normalises each row, with the configuration's epsilon. */
    public Node norm(String name, Node x) {
        return Layers.layerNorm(graph, prefix + name, x, config.dim(), config.normEpsilon());
    }

    /** Normalises each row without adding a bias. */
    public Node normWithoutBias(String name, Node x) {
        return Layers.layerNormWithoutBias(graph, prefix + name, x, config.dim(), config.normEpsilon());
    }

    /** Declares a parameter of the family's own. */
    public Node parameter(String name, int... dims) {
        return graph.parameter(prefix + name, dims);
    }
}
