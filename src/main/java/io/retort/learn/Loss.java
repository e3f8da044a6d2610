package io.retort.learn;

import io.retort.retrieval.Objective;
import io.retort.tensor.Tensor;
import java.util.Map;

/**
 * A loss over the scores of a batch: one class each, with its formula, the table of its inputs and where it comes from.
 * It may have parameters of its own ({@link #parameters}), such as a temperature that is learnt: the optimiser trains
 * them with the student, checkpoints keep them, and the student's folder does not hold them. Immutable.
 */
public interface Loss extends Objective {
    /** The loss's name in the provenance of the models that are trained with it. */
    String name();

    /** The loss's own numbers by name, such as a temperature, for the provenance of the models trained with it. */
    default Map<String, Object> settings() {
        return Map.of();
    }

    /**
     * Computes from a batch a value for each input that {@link #losses} declares.
     *
     * @throws IllegalArgumentException if the batch lacks what the loss needs
     */
    Map<String, Tensor> inputs(BatchReplies batch);
}
