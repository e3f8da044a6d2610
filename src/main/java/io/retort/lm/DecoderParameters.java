package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Which parameters a decoder has: asked of the graphs themselves. */
final class DecoderParameters {
    private DecoderParameters() {}

    /** Names and shapes of all, by the names of our graphs. */
    static SequencedMap<String, Shape> of(DecoderConfig config) {
        SequencedMap<String, Shape> all = new LinkedHashMap<>(embeddings(config));
        Graph graph = Graph.of(ElementType.F32);
        new TransformerDecoder(graph, config, false).hidden();
        all.putAll(graph.parameters());
        if (!config.tied()) all.put(config.head(), Shape.of(config.vocabulary(), config.dim()));
        return all;
    }

    /** The tables that are looked up outside of graphs. */
    static SequencedMap<String, Shape> embeddings(DecoderConfig config) {
        SequencedMap<String, Shape> tables = new LinkedHashMap<>();
        tables.put(config.family().tokens(), Shape.of(config.vocabulary(), config.dim()));
        config.family().positions().ifPresent(name -> tables.put(name, Shape.of(config.positions(), config.dim())));
        return tables;
    }
}
