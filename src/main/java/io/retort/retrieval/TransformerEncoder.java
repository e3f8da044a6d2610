package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;

/**
 * A BERT-like Transformer encoder (Vaswani et al. 2017; Devlin et al. 2019), post-LN or pre-LN, as a graph. Embeddings
 * are looked up outside ({@link EmbeddingTable}); parameters carry the names of BertModel, and of
 * RobertaPreLayerNormModel, on the Hugging Face Hub.
 */
final class TransformerEncoder {
    /** The number added to the logits of padding, so that attention gives it no weight. */
    static final float MASKED = -1e9f;

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

    Node mask() {
        return mask;
    }

    /** Returns the last layer's output, {@code [batch, time, dim]}. */
    Node hidden() {
        Node x = dropped("embeddings", norm("embeddings.LayerNorm", graph.flatten(embeddings, config.dim())));
        // x is [batch * time, dim]
        for (int layer = 0; layer < config.layers(); layer++) {
            String name = "encoder.layer." + layer + ".";
            x = switch (config.norms()) {
                case POST -> postNormLayer(name, x);
                case PRE -> preNormLayer(name, x);
            };
        }
        if (config.norms() == EncoderConfig.NormPlacement.PRE) x = norm("LayerNorm", x);
        return graph.reshapeLike(x, embeddings, 2, config.dim());
    }

    private Node postNormLayer(String name, Node x) {
        Node attended = norm(name + "attention.output.LayerNorm", graph.add(attention(name, x), x));
        return norm(name + "output.LayerNorm", graph.add(feedForward(name, attended), attended));
    }

    private Node preNormLayer(String name, Node x) {
        Node attended = graph.add(attention(name, norm(name + "attention.LayerNorm", x)), x);
        return graph.add(feedForward(name, norm(name + "intermediate.LayerNorm", attended)), attended);
    }

    private Node attention(String name, Node x) {
        Node query = linear(name + "attention.self.query", x, config.dim(), config.dim());
        Node key = linear(name + "attention.self.key", x, config.dim(), config.dim());
        Node value = linear(name + "attention.self.value", x, config.dim(), config.dim());
        Node mixed = Layers.attention(graph, query, key, value, embeddings, mask, config.heads(), config.headDim());
        return dropped(name + "attention",
                linear(name + "attention.output.dense", mixed, config.dim(), config.dim()));
    }

    private Node feedForward(String name, Node x) {
        Node inner = config.activation().apply(graph,
                linear(name + "intermediate.dense", x, config.dim(), config.feedForward()));
        return dropped(name + "output",
                linear(name + "output.dense", inner, config.feedForward(), config.dim()));
    }

    private Node dropped(String site, Node x) {
        return dropout.at(site, graph, x, config.dim());
    }

    private Node linear(String name, Node x, int in, int out) {
        return Layers.linear(graph, prefix + name, x, in, out);
    }

    private Node norm(String name, Node x) {
        return Layers.layerNorm(graph, prefix + name, x, config.dim(), config.normEpsilon());
    }
}
