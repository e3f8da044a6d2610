package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder as a graph: tokens of any number of sources are rows, without padding, and a mask says which belong
 * together. Embeddings are looked up outside, as for the decoder.
 */
final class SourceGraph {
    static final String EMBEDDINGS = "source.embeddings";
    static final String MASK = "source.mask";

    private final Graph graph;
    private final DecoderConfig config;
    private final SourceReader reader;
    private final Node encoded; // [rows, dim]

    /** Writes the encoder of a model that has one, and declares its inputs. */
    SourceGraph(Graph graph, DecoderConfig config) {
        this.graph = graph;
        this.config = config;
        this.reader = config.family().source().orElseThrow();
        Node embeddings = graph.input(EMBEDDINGS, Graph.ANY, config.dim());
        this.encoded = reader.encoder(graph, config, embeddings, graph.input(MASK, 1, 1, Graph.ANY, Graph.ANY));
    }

    /** Returns the name of a layer's keys of the source or, depending on {@code what}, of its values. */
    static String name(int layer, String what) {
        return "source." + layer + "." + what;
    }

    /** Returns the names of the keys and values of all layers, in the order in which they are made. */
    static List<String> names(DecoderConfig config) {
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            names.add(name(layer, "key"));
            names.add(name(layer, "value"));
        }
        return names;
    }

    Node key(int layer) {
        return reader.sourceKey(graph, config, layer, encoded);
    }

    Node value(int layer) {
        return reader.sourceValue(graph, config, layer, encoded);
    }

    /** Makes the keys and values of all layers outputs, for a cache. */
    List<String> outputs() {
        for (int layer = 0; layer < config.layers(); layer++) {
            key(layer).named(name(layer, "key"));
            value(layer).named(name(layer, "value"));
        }
        return names(config);
    }
}
