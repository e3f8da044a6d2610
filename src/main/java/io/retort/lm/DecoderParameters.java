package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Tells which parameters a decoder has by asking the graphs themselves, so that no second list can disagree with them.
 */
final class DecoderParameters {
    private DecoderParameters() {}

    /** Returns names and shapes of all parameters, by the names of Retort's graphs. */
    static SequencedMap<String, Shape> of(DecoderConfig config) {
        SequencedMap<String, Shape> all = new LinkedHashMap<>(embeddings(config));
        Graph graph = Graph.of(ElementType.F32);
        new TransformerDecoder(graph, config, false).hidden();
        all.putAll(graph.parameters());
        Graph head = Graph.of(ElementType.F32);
        DecoderHead.logits(head, config);
        head.parameters().forEach(all::putIfAbsent);
        return all;
    }

    /** Returns names and shapes of the embedding tables, which are looked up outside of graphs. */
    static SequencedMap<String, Shape> embeddings(DecoderConfig config) {
        SequencedMap<String, Shape> tables = new LinkedHashMap<>();
        tables.put(config.family().tokens(), Shape.of(config.vocabulary(), config.dim()));
        config.family().positions().ifPresent(name -> tables.put(name, config.positionTable()));
        config.family().source().ifPresent(source -> tables.put(source.sourcePositions(), config.positionTable()));
        return tables;
    }
}
