package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.Map;
import java.util.SequencedMap;

/** What a student is trained for, written as a graph over its scores. */
@FunctionalInterface
public interface Objective {
    /** Name of the loss that is minimised. */
    String TOTAL = "loss";
    /** Begins the names of an objective's own parameters, which are trained but are none of the model's. */
    String PARAMETER = "loss.";

    /**
     * The losses of a batch, scalars by name: {@link #TOTAL} first, the smaller the better, then what it is made of. They
     * may declare inputs, and the {@link #parameters}.
     *
     * @param scores R, of every context with every reply of the batch, {@code [contexts, replies]}
     */
    SequencedMap<String, Node> losses(Graph graph, Node scores);

    /** The parameters that {@link #losses} declares, with their first values; names begin with {@link #PARAMETER}. */
    default Map<String, Tensor> parameters() {
        return Map.of();
    }
}
