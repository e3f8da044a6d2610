package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.graph.RotaryPositions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * A Transformer's decoder as a graph, the same for training, prompts, decoding and scoring: tokens of any number of
 * sequences are rows, without padding, and a mask says what each row sees. Embeddings are looked up outside.
 *
 * <p>With a cache, a row sees keys and values of earlier runs too ({@code past.N.key}, {@code past.N.value}, {@code
 * [slots, keyValueDim]}), and those of the new rows are outputs, for the caller to keep. What an encoder–decoder read is a
 * past, too ({@code source.N.key}); without a cache the encoder is part of the graph.
 */
final class TransformerDecoder {
    static final String EMBEDDINGS = "embeddings";
    /** The learned positions of the rows, where the model adds them later than to the embeddings. */
    static final String POSITIONS = "positions";
    /** What the rows see of the source. */
    static final String SOURCE_MASK = "source_seen.mask";
    static final String HIDDEN = "hidden";
    /** The number added to the logits of keys that a row does not see. */
    static final float UNSEEN = -1e9f;

    private final Graph graph;
    private final DecoderConfig config;
    private final boolean cached;
    private final LowRank adapters; // null where there are none
    private final Node embeddings; // [rows, dim]
    private final Node positions; // [rows, dim], null where they are in the embeddings
    private final Node sourceMask; // [1, 1, rows, rows or slots of the source], null where there is no source
    private final SourceGraph source; // null where there is none, or a cache of what it makes
    private final Map<Integer, Node> masks = new LinkedHashMap<>(); // by window, [1, 1, rows, slots + rows]
    private final List<RotaryPositions> rotations = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();

    /**
     * Declares the inputs {@code embeddings}, a {@link #mask} for each window of the layers and {@link #cosine} and {@link
     * #sine} for each of the family's rotations, both {@code [rows, headDim]}.
     *
     * @param cached whether there is a past; without one masks are {@code [1, 1, rows, rows]}
     */
    TransformerDecoder(Graph graph, DecoderConfig config, boolean cached) {
        this(graph, config, cached, null);
    }

    /**
     * Writes the graph of a decoder, with adapters on every layer if there are any.
     *
     * @param adapters of every layer; null for none
     */
    TransformerDecoder(Graph graph, DecoderConfig config, boolean cached, LowRank adapters) {
        this.graph = graph;
        this.adapters = adapters;
        this.config = config;
        this.cached = cached;
        this.embeddings = graph.input(EMBEDDINGS, Graph.ANY, config.dim());
        this.positions = config.family().addsPositionsLast() ? graph.input(POSITIONS, Graph.ANY, config.dim()) : null;
        boolean reads = config.family().source().isPresent();
        this.sourceMask = reads ? graph.input(SOURCE_MASK, 1, 1, Graph.ANY, Graph.ANY) : null;
        this.source = reads && !cached ? new SourceGraph(graph, config) : null;
        for (int window : windows(config)) masks.put(window, graph.input(mask(window), 1, 1, Graph.ANY, Graph.ANY));
        for (Rotation rotation : config.family().rotations(config)) {
            int number = rotations.size(), headDim = config.headDim();
            rotations.add(new RotaryPositions(graph, graph.input(cosine(number), Graph.ANY, headDim),
                    graph.input(sine(number), Graph.ANY, headDim), headDim, rotation.dims()));
        }
    }

    /** Returns the window sizes that layers have, each once, in the order of the first layer that has it. */
    static SequencedSet<Integer> windows(DecoderConfig config) {
        SequencedSet<Integer> windows = new LinkedHashSet<>();
        for (int i = 0; i < config.layers(); i++) windows.add(config.family().window(config, i));
        return windows;
    }

    /** Returns the name of the mask input for layers that see {@code window} tokens back, or all tokens if it is 0. */
    static String mask(int window) {
        return window == 0 ? "mask" : "mask." + window;
    }

    /** Returns the name of the input that holds the cosines of one of the family's rotations. */
    static String cosine(int rotation) {
        return "cosine." + rotation;
    }

    /** Returns the name of the input that holds the sines of one of the family's rotations. */
    static String sine(int rotation) {
        return "sine." + rotation;
    }

    /** Returns the name of the input that holds a layer's past keys or, depending on {@code what}, values. */
    static String past(int layer, String what) {
        return "past." + layer + "." + what;
    }

    /**
     * Returns the name of the output that holds the keys or, depending on {@code what}, the values of a layer's new
     * rows.
     */
    static String present(int layer, String what) {
        return "present." + layer + "." + what;
    }

    /** Returns the last layer's output, normalised, {@code [rows, dim]}; its name is {@link #HIDDEN}. */
    Node hidden() {
        DecoderFamily family = config.family();
        Node x = family.embedded(graph, config, embeddings);
        if (positions != null) x = graph.add(x, positions);
        for (int i = 0; i < config.layers(); i++) x = family.layer(new DecoderLayer(this, i), x);
        return family.finalNorm(graph, config, x).named(HIDDEN);
    }

    /**
     * Returns the names of the outputs that a caller with a cache needs: {@link #HIDDEN}, then keys and values layer by
     * layer.
     */
    List<String> outputs() {
        List<String> outputs = new ArrayList<>(List.of(HIDDEN));
        outputs.addAll(kept);
        return outputs;
    }

    Graph graph() {
        return graph;
    }

    DecoderConfig config() {
        return config;
    }

    /** Returns the adapters of every layer, or null where there are none. */
    LowRank adapters() {
        return adapters;
    }

    RotaryPositions rotation(int number) {
        return rotations.get(number);
    }

    Node sourceMask() {
        return sourceMask;
    }

    /**
     * Returns the keys, or the values, of the source that a layer looks at: made by the encoder in the same graph, or
     * with a cache, kept since the source was read.
     */
    Node ofSource(int layer, String what) {
        if (source == null) return graph.state(SourceGraph.name(layer, what), Graph.ANY, config.keyValueDim());
        return what.equals("key") ? source.key(layer) : source.value(layer);
    }

    /** Returns the mask that says what the rows of a layer see. */
    Node maskOf(int layer) {
        return masks.get(config.family().window(config, layer));
    }

    /**
     * Returns a layer's keys, or its values, of the past and of the new rows together, and makes those of the new rows
     * an output for the cache.
     */
    Node withPast(Node present, int layer, String what) {
        if (!cached) return present;
        kept.add(present.named(present(layer, what)).name());
        return graph.concatenate(graph.state(past(layer, what), Graph.ANY, config.keyValueDim()), present);
    }
}
