package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Node;

/** What an encoder is trained for, written into its graph. */
@FunctionalInterface
public interface Objective {
    /**
     * The loss of a batch: a scalar, the smaller the better. It may declare inputs and parameters of its own.
     *
     * @param vectors of the texts, as the encoder gives them to a search, {@code [texts, dim]}
     */
    Node loss(Graph graph, Node vectors);
}
