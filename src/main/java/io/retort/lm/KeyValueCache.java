package io.retort.lm;

import java.util.List;

/**
 * Keys and values of the tokens of many sequences, so that each token is computed once. Sequences are of unequal
 * lengths, and those forked from a common one share what they have in common. One thread at a time.
 */
public interface KeyValueCache extends AutoCloseable {
    /** Begins a sequence, which has neither prompt nor tokens yet. */
    Sequence begin();

    /**
     * Gives prompts to sequences that have just begun, in one batch. They become a sequence's first tokens, or what it is
     * made to answer by a model that reads prompts apart.
     *
     * @param sequences of this cache, no two the same
     * @param prompts   for each sequence one or more tokens
     * @return for each sequence the logits of the first token to follow, {@code [sequences][vocabulary]}
     * @throws io.retort.files.BadInput if a prompt is longer than the model takes
     */
    default float[][] read(List<? extends Sequence> sequences, List<int[]> prompts) {
        return append(sequences, prompts);
    }

    /**
     * Computes new tokens of several sequences in one batch and keeps their keys and values.
     *
     * @param sequences of this cache, no two the same
     * @param tokens    for each sequence one or more
     * @return for each sequence the logits of the token to follow, {@code [sequences][vocabulary]}
     * @throws io.retort.files.BadInput if a sequence becomes longer than the model's context
     */
    float[][] append(List<? extends Sequence> sequences, List<int[]> tokens);

    /**
     * Returns the log-probabilities, in nats, of tokens that might follow; the sequences stay as they are. A sequence
     * may occur many times, each time with other tokens: the candidates of one context.
     *
     * @param sequences of this cache, none without tokens
     * @param tokens    for each sequence one or more
     * @return {@code log P(token t | sequence, tokens before t)}, {@code [sequences][tokens]}
     * @throws io.retort.files.BadInput if a sequence with its tokens becomes longer than the model's context
     */
    float[][] score(List<? extends Sequence> sequences, List<int[]> tokens);

    /** Frees the memory of all sequences. */
    @Override
    void close();
}
