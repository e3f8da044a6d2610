package io.retort.learn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.graph.TrainableBuffer;
import io.retort.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What a training run trains, and on what: a model with its gradients, the batches of its steps, and the validation
 * that tells the best checkpoint. The loop knows nothing of texts and losses, a task nothing of optimisers and files.
 *
 * <p>The batch of a step is a pure function of the data, the seed, the step's number, the weights and {@link #state()},
 * so that a run that is resumed goes on exactly. One thread at a time.
 */
public interface TrainingTask extends AutoCloseable {
    /** Everything that is trained, values and gradients, in F32; no two parameters of one name. */
    List<TrainableBuffer> buffers();

    /**
     * Computes losses and gradients for the batch of a step, in as many parts as memory asks for. Afterwards the
     * gradients of {@link #buffers()} are those of this batch alone.
     *
     * @param step from 0
     */
    Step step(long step);

    /**
     * What one training step did, and to how much data.
     *
     * @param losses   by name, the one that is minimised first: {@code loss}, then its parts
     * @param examples in the batch
     * @param tokens   computed, padding left out
     * @param flop     floating-point operations that the batch takes at least, forward and backward; 0 if nobody knows
     */
    record Step(SequencedMap<String, Double> losses, long examples, long tokens, double flop) {
        /** The value of the loss that training minimises. */
        public double loss() {
            return losses.firstEntry().getValue();
        }
    }

    /**
     * Measures the model as it stands; the same weights give the same numbers.
     *
     * @return metrics by name, the one that tells the best checkpoint first; empty if there is nothing to validate on
     */
    SequencedMap<String, Double> validate();

    /** Whether the best validation is the one with the greatest value of the first metric, and not the least. */
    boolean greaterIsBetter();

    /**
     * What a run must keep beside weights and moments to go on exactly, such as negatives that were mined with earlier
     * weights. Empty for most tasks. It is kept in each checkpoint and given back to {@link #restore}.
     */
    default Map<String, Tensor> state() {
        return Map.of();
    }

    /**
     * Takes back what {@link #state()} gave; the weights are those of that time already.
     *
     * @param state valid during the call alone
     */
    default void restore(Map<String, Tensor> state) {
    }

    /** The data and models that go into the trained one, for its provenance and its card. */
    TrainingSources sources();

    /**
     * Writes the model as it stands, as a folder that every command opens.
     *
     * @param folder     does not exist
     * @param provenance the content of its {@code provenance.json}
     */
    void save(Path folder, ObjectNode provenance) throws IOException;

    @Override
    void close();
}
