package io.retort.train;

import io.retort.model.TrainableBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a training run trains, and on what: a model with its gradients, the batches of its steps, and the validation that
 * tells the best checkpoint. The loop knows nothing of texts and losses, a task nothing of optimisers and files.
 *
 * <p>The batch of a step is a pure function of the data, the seed and the step's number, so that a run that is resumed
 * needs no state but weights and moments. One thread at a time.
 */
public interface TrainingTask extends AutoCloseable {
    /** Everything that is trained, values and gradients. */
    List<TrainableBuffer> buffers();

    /**
     * Forward and backward for the batch of a step, in as many parts as memory asks for. Afterwards the gradients of
     * {@link #buffers()} are those of this batch alone.
     *
     * @param step from 0
     */
    Step step(long step);

    /**
     * What a step did.
     *
     * @param losses   by name, the one that is minimised first: {@code loss}, then its parts
     * @param examples in the batch
     * @param tokens   computed, padding left out
     */
    record Step(SequencedMap<String, Double> losses, long examples, long tokens) {
    }

    /**
     * Measures the model as it stands.
     *
     * @return metrics by name, the one that tells the best checkpoint first; empty if there is nothing to validate on
     */
    SequencedMap<String, Double> validate();

    /** Whether the greatest value of the first metric is the best one, and not the least. */
    boolean greaterIsBetter();

    /** Writes the model as it stands, as a folder that every command opens. */
    void save(Path folder) throws IOException;

    @Override
    void close();
}
