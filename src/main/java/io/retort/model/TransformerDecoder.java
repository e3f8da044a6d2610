package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;
import io.retort.graph.RotaryPositions;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder-only Transformer as a graph, the same for training, prompts, decoding and scoring: tokens of any number of
 * sequences are rows, without padding, and a mask says what each row sees. Embeddings are looked up outside.
 *
 * <p>With a cache, a row sees keys and values of earlier runs too ({@code past.N.key}, {@code past.N.value}, {@code
 * [slots, keyValueDim]}), and those of the new rows are outputs, for the caller to keep.
 */
final class TransformerDecoder {
    static final String EMBEDDINGS = "embeddings";
    static final String COSINE = "cosine";
    static final String SINE = "sine";
    static final String MASK = "mask";
    static final String HIDDEN = "hidden";
    /** What is added to the logits of keys that a row does not see. */
    static final float UNSEEN = -1e9f;

    private final Graph graph;
    private final DecoderConfig config;
    private final boolean cached;
    private final LowRank adapters; // null where there are none
    private final Node embeddings; // [rows, dim]
    private final Node mask; // [1, 1, rows, slots + rows]
    private final RotaryPositions positions;
    private final List<String> kept = new ArrayList<>();

    /**
     * Declares the inputs {@code embeddings}, {@code mask} and, where positions are rotary, {@code cosine} and {@code
     * sine}, both {@code [rows, headDim]}.
     *
     * @param cached whether there is a past; without one the mask is {@code [1, 1, rows, rows]}
     */
    TransformerDecoder(Graph graph, DecoderConfig config, boolean cached) {
        this(graph, config, cached, null);
    }

    /**
     * @param adapters of every layer; null for none
     */
    TransformerDecoder(Graph graph, DecoderConfig config, boolean cached, LowRank adapters) {
        this.graph = graph;
        this.adapters = adapters;
        this.config = config;
        this.cached = cached;
        this.embeddings = graph.input(EMBEDDINGS, Graph.ANY, config.dim());
        this.mask = graph.input(MASK, 1, 1, Graph.ANY, Graph.ANY);
        this.positions = config.family() == DecoderFamily.LLAMA
                ? new RotaryPositions(graph, graph.input(COSINE, Graph.ANY, config.headDim()),
                        graph.input(SINE, Graph.ANY, config.headDim()), config.headDim())
                : null;
    }

    /** The input that holds the keys of a layer's past, likewise with {@code "value"}. */
    static String past(int layer, String what) {
        return "past." + layer + "." + what;
    }

    /** The output that holds the keys of a layer's new rows. */
    static String present(int layer, String what) {
        return "present." + layer + "." + what;
    }

    /** The last layer's output, normalised, {@code [rows, dim]}; named {@link #HIDDEN}. */
    Node hidden() {
        Node x = embeddings;
        for (int i = 0; i < config.layers(); i++) {
            DecoderLayer layer = layer(i);
            x = graph.add(attention(layer, i, layer.attentionNorm(x)), x);
            x = graph.add(layer.feedForward(layer.feedForwardNorm(x)), x);
        }
        return finalNorm(x).named(HIDDEN);
    }

    /** Names of the outputs that a caller with a cache wants: {@link #HIDDEN}, then keys and values layer by layer. */
    List<String> outputs() {
        List<String> outputs = new ArrayList<>(List.of(HIDDEN));
        outputs.addAll(kept);
        return outputs;
    }

    private DecoderLayer layer(int i) {
        return switch (config.family()) {
            case LLAMA -> new LlamaLayer(graph, config, i, positions, adapters);
            case GPT2 -> new Gpt2Layer(graph, config, i);
        };
    }

    private Node attention(DecoderLayer layer, int i, Node x) {
        Node query = layer.query(x);
        Node key = withPast(layer.key(x), i, "key");
        Node value = withPast(layer.value(x), i, "value");
        Node mixed = Layers.rowAttention(graph, query, key, value, mask, config.heads(), config.keyValueHeads(),
                config.headDim());
        return layer.output(mixed);
    }

    private Node withPast(Node present, int layer, String what) {
        if (!cached) return present;
        kept.add(present.named(present(layer, what)).name());
        return graph.concatenate(graph.state(past(layer, what), Graph.ANY, config.keyValueDim()), present);
    }

    private Node finalNorm(Node x) {
        return switch (config.family()) {
            case LLAMA -> Layers.rmsNorm(graph, "model.norm", x, config.dim(), config.normEpsilon());
            case GPT2 -> Layers.layerNorm(graph, "transformer.ln_f", x, config.dim(), config.normEpsilon());
        };
    }
}
