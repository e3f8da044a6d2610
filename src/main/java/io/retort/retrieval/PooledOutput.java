package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;

/**
 * Turns token outputs into the one vector of a text (G2R section 3.1): pooling, layers, output scaling, and scaling to
 * length 1 for cosine similarity.
 */
final class PooledOutput {
    /**
     * The name of the input {@code [batch, poolings, time]} that says how much each token counts in each pooling; see
     * {@link Pooling}.
     */
    static final String WEIGHTS = "pooling";
    /** The name of the input {@code [batch, pooledDim]} of {@link #afterPooling}. */
    static final String POOLED = "pooled";

    private PooledOutput() {}

    /**
     * Makes the vectors whose dot product is the score.
     *
     * @param prefix prefix of the parameters' names
     * @param hidden {@code [batch, time, dim]}
     * @return {@code [batch, dim]}
     */
    static Node of(Graph graph, ModelConfig config, String prefix, Node hidden) {
        return vectors(graph, config, prefix, pooled(graph, config, hidden), config.similarity() == Similarity.COSINE);
    }

    /**
     * Makes the vectors that the model publishes. They differ from those of {@link #of} in that they have length 1 only
     * if the model's own files say so.
     */
    static Node published(Graph graph, ModelConfig config, String prefix, Node hidden) {
        return vectors(graph, config, prefix, pooled(graph, config, hidden), config.head().normalized());
    }

    /**
     * Makes the vectors of {@link #published} from what was pooled outside of the graph, the input {@link #POOLED}.
     */
    static Node afterPooling(Graph graph, ModelConfig config, String prefix) {
        Node pooled = graph.input(POOLED, Graph.ANY, config.head().pooledDim(config.encoder().dim()));
        Node same = graph.multiply(pooled, 1.0); // a graph without any operation would not run
        return vectors(graph, config, prefix, same, config.head().normalized());
    }

    private static Node pooled(Graph graph, ModelConfig config, Node hidden) {
        VectorHead head = config.head();
        Node weights = graph.input(WEIGHTS, Graph.ANY, head.poolings().size(), Graph.ANY);
        return graph.flatten(graph.matmul(weights, hidden), head.pooledDim(config.encoder().dim()));
    }

    private static Node vectors(Graph graph, ModelConfig config, String prefix, Node pooled, boolean unit) {
        Node vectors = config.head().apply(graph, prefix, pooled);
        if (unit) return VectorHead.unit(graph, vectors);
        return config.outputScaling() == 1 ? vectors : graph.multiply(vectors, config.outputScaling());
    }
}
