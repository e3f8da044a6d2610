package io.retort.lm;

/**
 * A decoder-only Transformer at work: next-token logits and log-probabilities of token sequences. Texts are the business
 * of a tokenizer; here there are ids alone.
 *
 * <p>What a row computes does not depend on what else is in its batch, to the bit: the same seed gives the same text
 * whatever the batching. Safe to use from any thread; each {@link KeyValueCache} from one at a time.
 */
public interface LanguageModel extends AutoCloseable {
    /** One more than the greatest token id. */
    int vocabularySize();

    /** The longest sequence, in tokens. */
    int contextLength();

    /** An empty cache, which grows as sequences do. */
    KeyValueCache cache();

    @Override
    void close();
}
