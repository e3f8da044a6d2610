package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.ingest.ReadingSettings;
import io.retort.retrieval.ModelConfig;
import io.retort.retrieval.StudentForm;
import io.retort.retrieval.TrainableStudent;
import io.retort.search.SearchMethod;
import java.util.Optional;

/**
 * How a retrieval student is trained; how long and by which optimiser is said by {@link TrainingSettings}.
 *
 * @param recipe what it learns from
 * @param form what is made of the base
 * @param history most turns of a context
 * @param minimumWords of an original reply
 * @param mostOfAReply examples with one original reply
 * @param contextTokens most tokens of a context, in training and of the student from then on: beyond what it was
 * trained on it ranks worse (docs/training.md)
 * @param replyTokens the same for replies
 * @param batches how batches are made
 * @param passes how they are computed
 * @param mining how hard negatives are found, where there are any
 * @param reading how files of dialogues are read
 */
public record RetrievalSettings(Recipe recipe, StudentForm form, int history, int minimumWords, int mostOfAReply,
        int contextTokens, int replyTokens, BatchSource.Settings batches, TrainableStudent.Settings passes,
        Mining mining, ReadingSettings reading) {

    /** Settings that read files of dialogues as they usually are. */
    public RetrievalSettings(Recipe recipe, StudentForm form, int history, int minimumWords, int mostOfAReply,
            int contextTokens, int replyTokens, BatchSource.Settings batches, TrainableStudent.Settings passes,
            Mining mining) {
        this(recipe, form, history, minimumWords, mostOfAReply, contextTokens, replyTokens, batches, passes, mining,
                ReadingSettings.defaults());
    }

    /**
     * How hard negatives are found: every so many steps the student encodes a sample of the response set and the
     * contexts of the steps to come, and each context is given the replies that score best for it.
     *
     * @param every steps
     * @param sample replies of the response set
     * @param skip of the best ones, which are often right for the context though they are none of its candidates
     * @param search by which method they are found; if empty, by one that is fast
     */
    public record Mining(int every, int sample, int skip, Optional<SearchMethod> search) {
        /**
         * The most replies that hard negatives are mined from: checkpoints keep places as floats, which tell no more
         * apart.
         */
        public static final int MOST = 1 << 24;

        /**
         * @throws BadInput if a number is out of range
         */
        public Mining {
            if (every < 1 || sample < 1 || sample > MOST || skip < 0) {
                throw BadInput.of("mining every " + every + " steps from " + sample + " replies, skipping " + skip,
                        "use 1 or more steps and replies, and 0 or more to skip");
            }
        }
    }

    /** The factor by which a model's scores are usually multiplied in the loss: 20 for cosines, else 1. */
    public static double usualScale(ModelConfig config) {
        return config.form().usualScale(config.similarity());
    }

    TrainingData.Selection selection() {
        return new TrainingData.Selection(history, minimumWords, mostOfAReply, recipe.generated(), recipe.teacher(),
                reading);
    }
}
