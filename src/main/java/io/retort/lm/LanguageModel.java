package io.retort.lm;

/**
 * A decoder-only Transformer at work: next-token logits and log-probabilities of token sequences. Texts are the business
 * of a tokenizer; here there are ids alone.
 *
 * <p>What a row computes does not depend on what else is in its batch, to the bit: the same seed gives the same text
 * whatever the batching. Safe to use from any thread; each {@link KeyValueCache} from one at a time.
 */
public interface LanguageModel extends AutoCloseable {
    /** Returns the number of tokens in the vocabulary, which is one more than the greatest token id. */
    int vocabularySize();

    /** Returns the length in tokens of the longest sequence that the model takes. */
    int contextLength();

    /** Creates an empty cache, which grows as its sequences do; the caller closes it. */
    KeyValueCache cache();

    @Override
    void close();
}
