package io.retort.generate;

import io.retort.lm.Sequence;
import java.util.List;

/**
 * One place in the batch: a completion, or a beam with all its completions. It owns the sequences of its rows. One
 * thread.
 */
sealed interface CompletionSearch extends AutoCloseable permits SingleCompletion, BeamSearch {
    /** Rows of the batch, to each of which {@link #nextTokens()} has a token to append. */
    List<Sequence> sequences();

    /** The tokens chosen last, which the model is to compute next, for each of this search's rows. */
    List<int[]> nextTokens();

    /**
     * Chooses the next tokens by the logits that the model computed for this search's rows.
     *
     * @param logits of the batch, {@code [rows][vocabulary]}; left as they are
     * @param first  the row in it of the first sequence
     */
    void advance(float[][] logits, int first);

    boolean isFinished();

    /** The completions that the search found, once it is finished. */
    List<Completion> completions();

    /** Closes the model's sequences that the search holds. */
    @Override
    void close();
}
