package io.retort.distill;

import io.retort.model.Objective;
import io.retort.tensor.Tensor;
import java.util.Map;

/**
 * A loss over the scores of a batch, and what it feeds its graph for {@link BatchReplies}. Immutable.
 */
public sealed interface Loss extends Objective
        permits SampledCrossEntropy, MultiPositiveCrossEntropy, Distillation, DistillationMix {
    /** A value for each input that {@link #losses} declares. */
    Map<String, Tensor> inputs(BatchReplies batch);
}
