package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Node;

/**
 * From token outputs to the one vector of a text (G2R section 3.1): pooling, output scaling, and length 1 for cosine
 * similarity.
 */
final class PooledOutput {
    /** The input {@code [batch, 1, time]} that says how much each token counts; see {@link Pooling}. */
    static final String WEIGHTS = "pooling";

    private PooledOutput() {}

    /**
     * @param hidden {@code [batch, time, dim]}
     * @return {@code [batch, dim]}
     */
    static Node of(Graph graph, ModelConfig config, Node hidden) {
        int dim = config.encoder().dim();
        Node weights = graph.input(WEIGHTS, Graph.ANY, 1, Graph.ANY);
        Node pooled = graph.flatten(graph.matmul(weights, hidden), dim);
        if (config.similarity() == Similarity.COSINE) {
            Node squares = graph.sum(graph.multiply(pooled, pooled), 1, true);
            return graph.divide(pooled, graph.squareRoot(graph.add(squares, 1e-24)));
        }
        return config.outputScaling() == 1 ? pooled : graph.multiply(pooled, config.outputScaling());
    }
}
