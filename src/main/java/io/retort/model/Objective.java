package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import java.util.SequencedMap;

/** What a student is trained for, written as a graph over its scores. */
@FunctionalInterface
public interface Objective {
    /** Name of the loss that is minimised. */
    String TOTAL = "loss";

    /**
     * The losses of a batch, scalars by name: {@link #TOTAL} first, the smaller the better, then what it is made of. They
     * may declare inputs, but no parameters.
     *
     * @param scores R, of every context with every reply of the batch, {@code [contexts, replies]}
     */
    SequencedMap<String, Node> losses(Graph graph, Node scores);
}
