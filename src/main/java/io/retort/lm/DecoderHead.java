package io.retort.lm;

import io.retort.graph.Graph;
import io.retort.graph.Node;

/**
 * From hidden states to next tokens: {@code logits = hidden · Wᵀ}, W being the token embedding of a tied model, and
 * what the family makes of these. A graph
 * of its own, so that it runs for the rows that are asked for alone, and in training a part of them at a time.
 */
final class DecoderHead {
    static final String HIDDEN = "hidden";
    static final String TARGETS = "targets";
    static final String LOGITS = "logits";
    static final String LOG_PROBABILITIES = "log_probabilities";
    /**
     * Added to probabilities before their logarithm: no token counts for less than −85.2 nats, so that the gradient of
     * one that F32 rounds to impossible is zero and not NaN.
     */
    private static final double LEAST_PROBABILITY = 1e-37;

    private DecoderHead() {}

    /**
     * Writes the logits {@code [n, vocabulary]} of the next tokens to the graph; declares the input {@link #HIDDEN},
     * {@code [n, dim]}.
     */
    static Node logits(Graph graph, DecoderConfig config) {
        Node hidden = graph.input(HIDDEN, Graph.ANY, config.dim());
        Node weight = graph.parameter(config.head(), config.vocabulary(), config.dim());
        return config.family().logits(graph, config, graph.matmulTransposed(hidden, weight)).named(LOGITS);
    }

    /**
     * Declares the matrix of embeddings, if the head's is another one, so that rows of it can be looked up in the head's
     * program.
     */
    static void withEmbeddings(Graph graph, DecoderConfig config) {
        graph.parameter(config.family().tokens(), config.vocabulary(), config.dim());
    }

    /**
     * Writes {@code log P(target)} in nats, {@code [n]}, to the graph; declares the inputs {@link #HIDDEN}, {@code [n,
     * dim]}, and {@link #TARGETS}, {@code [n]}.
     */
    static Node logProbabilities(Graph graph, DecoderConfig config) {
        Node probabilities = graph.softmax(logits(graph, config));
        Node chosen = graph.oneHot(graph.input(TARGETS, Graph.ANY), config.vocabulary());
        Node probability = graph.sum(graph.multiply(probabilities, chosen), 1, false);
        return graph.log(graph.add(probability, LEAST_PROBABILITY)).named(LOG_PROBABILITIES);
    }
}
