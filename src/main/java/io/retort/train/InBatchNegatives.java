package io.retort.train;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.model.Objective;
import io.retort.tensor.Tensor;
import java.util.Map;

/**
 * Each context's own reply against those of the others in its batch:
 *
 * <pre>L = 1/n Σ_i −log softmax_j(scale · c_i · r_j) at j = i</pre>
 *
 * <p>A batch of 2 n texts holds the contexts {@code c_1 … c_n}, then the replies {@code r_1 … r_n}. Products with fed
 * matrices of zeros and ones take them apart: next to the encoder this costs nothing, and it needs no slices.
 *
 * @param scale of the similarities; 20 is usual for cosines
 */
public record InBatchNegatives(double scale) implements Objective {
    private static final String CONTEXTS = "negatives.contexts";
    private static final String REPLIES = "negatives.replies";
    private static final String TARGET = "negatives.target";

    @Override
    public Node loss(Graph graph, Node vectors) {
        Node contexts = graph.matmul(graph.input(CONTEXTS, Graph.ANY, Graph.ANY), vectors); // [n, dim]
        Node replies = graph.matmul(graph.input(REPLIES, Graph.ANY, Graph.ANY), vectors); // [n, dim]
        Node scores = graph.multiply(graph.matmulTransposed(contexts, replies), scale); // [n, n]
        Node target = graph.input(TARGET, Graph.ANY, Graph.ANY); // [n, n]
        Node weighted = graph.multiply(graph.logSoftmax(scores), target);
        return graph.multiply(graph.sum(graph.sum(weighted, 1, false), 0, false), -1);
    }

    /**
     * What to feed for a batch.
     *
     * @param pairs n, 1 or more
     */
    public Map<String, Tensor> inputs(int pairs) {
        int texts = Math.multiplyExact(pairs, 2);
        return Map.of(CONTEXTS, diagonal(pairs, texts, 0, 1), REPLIES, diagonal(pairs, texts, pairs, 1), TARGET,
                diagonal(pairs, pairs, 0, 1f / pairs));
    }

    /** {@code [rows, columns]} with a value at {@code (i, first + i)}. */
    private static Tensor diagonal(int rows, int columns, int first, float value) {
        float[] values = new float[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < rows; i++) values[i * columns + first + i] = value;
        return Tensor.of(values, rows, columns);
    }
}
