package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.Map;
import java.util.Optional;

/**
 * The poly-encoder (Humeau et al. 2019, section 4.4; G2R section 3.1): a few vectors for the context, which each reply
 * attends over, both attentions with plain, unscaled dot products:
 *
 * <pre>
 * y_i = Σ_t softmax_t(q_i · h_t) h_t        m learnt codes q over the context's outputs
 * w   = softmax_i(h_r · y_i)                a reply over the m results
 * y   = Σ_i w_i y_i,   R = y · h_r
 * </pre>
 *
 * @param codes the number m of codes; 16, 64 or 360 in the literature
 */
public record PolyScoring(int codes) implements ScoringForm {
    static final Kind KIND = new Kind("poly-encoder", settings -> new PolyScoring(settings.integer("codes", 0)));
    /** The name of the parameter q, {@code [codes, dim]}. */
    static final String CODES = "poly_codes";
    private static final int MOST_CODES = 1 << 14;

    public PolyScoring {
        if (codes < 1 || codes > MOST_CODES) {
            throw new IllegalArgumentException("codes " + codes + " is not between 1 and " + MOST_CODES);
        }
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("codes", codes);
    }

    @Override
    public Optional<ContextVectors> contextVectors() {
        return Optional.of(new ContextVectors() {
            @Override
            public int count() {
                return codes;
            }

            @Override
            public Node of(Graph graph, Node hidden, Node mask, int dim) {
                return attend(graph, hidden, mask, codes, dim);
            }
        });
    }

    /** Computes {@code Σ_i w_i (y_i · h_r)}, which equals {@code y · h_r}, so that no y is ever made. */
    @Override
    public Node scores(Graph graph, Node contexts, Node replies, int dim) {
        Node products = graph.matmulTransposed(graph.flatten(contexts, dim), replies); // [contexts * codes, replies]
        Node byContext = graph.reshapeLike(products, contexts, 2, Graph.ANY); // [contexts, codes, replies]
        Node logits = graph.permute(byContext, 0, 2, 1);
        return graph.sum(graph.multiply(graph.softmax(logits), logits), 2, false);
    }

    @Override
    public Node scoresOfOne(Graph graph, Node context, Node replies, int dim) {
        return score(graph, context, graph.reshape(replies, 1, Graph.ANY, dim));
    }

    /**
     * Returns whether the similarity is the dot product: vectors of length 1 are too alike for attention without a
     * scale.
     */
    @Override
    public boolean takes(Similarity similarity) {
        return similarity == Similarity.DOT;
    }

    /**
     * Makes the m vectors of each context by letting the codes attend over its tokens.
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
     * Scores candidates where each context has candidates of its own.
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
}
