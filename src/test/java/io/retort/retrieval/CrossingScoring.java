package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.Map;

/**
 * A crossing layer over the two vectors, as the residual head of TwinBERT (Jiao, Lu and Zhang 2020) is one:
 *
 * <pre>R(c, r) = v · tanh(A c + B r + b)</pre>
 *
 * <p>It has no dot product in it, so that whatever it learns its own parameters hold.
 *
 * @param width rows of A and B
 */
public record CrossingScoring(int width) implements ScoringForm {
    public static final Kind KIND = new Kind("crossing", settings -> new CrossingScoring(settings.integer("width", 8)));

    @Override
    public Kind kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("width", width);
    }

    @Override
    public Node scores(Graph graph, Node contexts, Node replies, int dim) {
        Node a = graph.matmulTransposed(contexts, graph.parameter("crossing.context", width, dim));
        Node b = graph.matmulTransposed(replies, graph.parameter("crossing.reply", width, dim));
        Node sums = graph.add(graph.reshape(a, Graph.ANY, 1, width), graph.reshape(b, 1, Graph.ANY, width));
        Node inner = graph.tanh(graph.add(sums, graph.parameter("crossing.bias", width))); // [contexts, replies, width]
        Node weighted = graph.multiply(inner, graph.parameter("crossing.output", width));
        return graph.sum(weighted, 2, false);
    }
}
