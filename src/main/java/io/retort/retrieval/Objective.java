package io.retort.retrieval;

import io.retort.graph.Graph;
import io.retort.graph.Node;
import io.retort.tensor.Tensor;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The loss that a student is trained to minimise, written as a graph over its scores. Other objectives can be supplied
 * by implementing it.
 */
@FunctionalInterface
public interface Objective {
    /** The name of the loss that is minimised, among the {@link #losses}. */
    String TOTAL = "loss";
    /** The prefix of the names of an objective's own parameters, which are trained but do not belong to the model. */
    String PARAMETER = "loss.";

    /**
     * The losses of a batch, scalars by name: {@link #TOTAL} first, the smaller the better, then what it is made of. They
     * may declare inputs, and the {@link #parameters}.
     *
     * @param scores R, of every context with every reply of the batch, {@code [contexts, replies]}
     */
    SequencedMap<String, Node> losses(Graph graph, Node scores);

    /**
     * Returns the parameters that {@link #losses} declares, with their first values; their names begin with {@link
     * #PARAMETER}.
     */
    default Map<String, Tensor> parameters() {
        return Map.of();
    }
}
