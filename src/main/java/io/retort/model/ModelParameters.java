package io.retort.model;

import io.retort.graph.Graph;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Which parameters a model has: asked of the graphs themselves, so that no second list can disagree with them. */
final class ModelParameters {
    private ModelParameters() {}

    /** Names and shapes of all weights of a model. */
    static SequencedMap<String, Shape> of(ModelConfig config) {
        SequencedMap<String, Shape> all = new LinkedHashMap<>();
        addEncoder(config, config.contextPrefix(), config.kind() == ModelConfig.Kind.POLY_ENCODER, all);
        if (!config.tied()) addEncoder(config, config.replyPrefix(), false, all);
        return all;
    }

    private static void addEncoder(ModelConfig config, String prefix, boolean codes, SequencedMap<String, Shape> all) {
        EncoderConfig encoder = config.encoder();
        all.put(prefix + EmbeddingTable.WORDS, Shape.of(encoder.vocabulary(), encoder.dim()));
        all.put(prefix + EmbeddingTable.POSITIONS, Shape.of(encoder.positions(), encoder.dim()));
        all.put(prefix + EmbeddingTable.TYPES, Shape.of(encoder.tokenTypes(), encoder.dim()));
        Graph graph = Graph.of(ElementType.F32);
        TransformerEncoder transformer = new TransformerEncoder(graph, encoder, prefix);
        if (codes) {
            PolyAttention.attend(graph, transformer.hidden(), transformer.mask(), config.codes(), encoder.dim());
        } else {
            PooledOutput.of(graph, config, prefix, transformer.hidden());
        }
        all.putAll(graph.parameters());
    }
}
