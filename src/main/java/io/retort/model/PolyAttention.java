package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Node;

/**
 * The poly-encoder's two attentions (Humeau et al. 2019, section 4.4; G2R section 3.1), with plain, unscaled dot
 * products:
 *
 * <pre>
 * y_i = Σ_t softmax_t(q_i · h_t) h_t        m learnt codes q over the context's outputs
 * w   = softmax_i(h_r · y_i)                a candidate over the m results
 * y   = Σ_i w_i y_i,   score = y · h_r
 * </pre>
 */
final class PolyAttention {
    static final String CODES = "poly_codes";

    private PolyAttention() {}

    /**
     * The context's m vectors.
     *
     * @param hidden {@code [batch, time, dim]}
     * @param mask {@code [batch, 1, 1, time]}, the encoder's
     * @return {@code [batch, codes, dim]}
     */
    static Node attend(Graph graph, Node hidden, Node mask, int codes, int dim) {
        Node queries = graph.parameter(CODES, codes, dim);
        Node flat = graph.matmulTransposed(graph.flatten(hidden, dim), queries); // [batch * time, codes]
        Node logits = graph.permute(graph.reshapeLike(flat, hidden, 2, codes), 0, 2, 1); // [batch, codes, time]
        Node padding = graph.sum(mask, 1, false); // [batch, 1, time]
        return graph.matmul(graph.softmax(graph.add(logits, padding)), hidden);
    }

    /**
     * Scores of candidates.
     *
     * @param attended {@code [batch, codes, dim]}
     * @param candidates {@code [batch, candidates, dim]}
     * @return {@code [batch, candidates]}
     */
    static Node score(Graph graph, Node attended, Node candidates) {
        Node weights = graph.softmax(graph.matmulTransposed(candidates, attended)); // [batch, candidates, codes]
        Node context = graph.matmul(weights, attended); // [batch, candidates, dim]
        return graph.sum(graph.multiply(context, candidates), 2, false);
    }

    /**
     * Scores of every reply for every context: since {@code y · h_r = Σ_i w_i (y_i · h_r)}, no y is ever made.
     *
     * @param attended {@code [contexts, codes, dim]}
     * @param replies {@code [replies, dim]}
     * @return {@code [contexts, replies]}
     */
    static Node scoreAll(Graph graph, Node attended, Node replies, int dim) {
        Node products = graph.matmulTransposed(graph.flatten(attended, dim), replies); // [contexts * codes, replies]
        Node byContext = graph.reshapeLike(products, attended, 2, Graph.ANY); // [contexts, codes, replies]
        Node logits = graph.permute(byContext, 0, 2, 1);
        return graph.sum(graph.multiply(graph.softmax(logits), logits), 2, false);
    }
}
