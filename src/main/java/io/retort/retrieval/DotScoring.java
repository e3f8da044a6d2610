package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.Map;

/**
 * The bi-encoder: {@code R(c, r) = h_c(c) · h_r(r)} (G2R section 3.1), which is the cosine where vectors have length 1.
 * Answers are found by search.
 */
public record DotScoring() implements ScoringForm {
    public static final Kind KIND = new Kind("bi-encoder", DotScoring::read);
    private static final double COSINE_SCALE = 20;

    private static DotScoring read(Settings settings) {
        int codes = settings.integer("codes", 0);
        if (codes != 0) throw new IllegalArgumentException("a bi-encoder with " + codes + " codes");
        return new DotScoring();
    }

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    public Node scores(Graph graph, Node contexts, Node replies, int dim) {
        return graph.matmulTransposed(contexts, replies);
    }

    @Override
    public boolean isDotProduct() {
        return true;
    }

    @Override
    public Similarity usualSimilarity() {
        return Similarity.COSINE;
    }

    /**
     * Returns a larger factor for cosines, since a softmax over cosines alone could hardly tell one reply from another.
     */
    @Override
    public double usualScale(Similarity similarity) {
        return similarity == Similarity.COSINE ? COSINE_SCALE : 1;
    }
}
