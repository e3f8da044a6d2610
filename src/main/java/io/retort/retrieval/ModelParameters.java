package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Tells which parameters a model has by asking the graphs themselves, so that no second list can disagree with them.
 */
public final class ModelParameters {
    private ModelParameters() {}

    /** Returns names and shapes of all weights of a model. */
    public static SequencedMap<String, Shape> of(ModelConfig config) {
        SequencedMap<String, Shape> all = new LinkedHashMap<>();
        addEncoder(config, config.contextPrefix(), all);
        all.putAll(ofContextVectors(config));
        if (!config.tied()) addEncoder(config, config.replyPrefix(), all);
        all.putAll(ofScores(config));
        return all;
    }

    /**
     * Returns names and shapes of the parameters that the scoring form declares, which an encoder alone does not have.
     */
    public static SequencedMap<String, Shape> ofForm(ModelConfig config) {
        SequencedMap<String, Shape> all = new LinkedHashMap<>(ofContextVectors(config));
        all.putAll(ofScores(config));
        return all;
    }

    private static SequencedMap<String, Shape> ofContextVectors(ModelConfig config) {
        Graph graph = Graph.of(ElementType.F32);
        int dim = config.encoder().dim();
        config.form().contextVectors().ifPresent(vectors -> vectors.of(graph,
                graph.input("hidden", Graph.ANY, Graph.ANY, dim), graph.input("mask", Graph.ANY, 1, 1, Graph.ANY),
                dim));
        return graph.parameters();
    }

    private static SequencedMap<String, Shape> ofScores(ModelConfig config) {
        Graph graph = Graph.of(ElementType.F32);
        int dim = config.dim();
        config.form().scores(graph, graph.input("contexts", config.contextShape(Graph.ANY)),
                graph.input("replies", Graph.ANY, dim), dim);
        return graph.parameters();
    }

    private static void addEncoder(ModelConfig config, String prefix, SequencedMap<String, Shape> all) {
        EncoderConfig encoder = config.encoder();
        all.putAll(EmbeddingTable.shapes(encoder, prefix));
        Graph graph = Graph.of(ElementType.F32);
        PooledOutput.of(graph, config, prefix, new TransformerEncoder(graph, encoder, prefix).hidden());
        all.putAll(graph.parameters());
    }
}
