package io.retort.lm;

import java.util.Optional;

/**
 * A generator at work: next-token logits and log-probabilities of token sequences after prompts. A decoder goes on with
 * its prompt; an encoder–decoder reads it and writes a sequence of its own. Whoever generates or scores asks both alike
 * ({@link KeyValueCache#read}). Texts are the business of a tokenizer; here there are ids alone.
 *
 * <p>What a row computes does not depend on what else is in its batch, to the bit: the same seed gives the same text
 * whatever the batching. Safe to use from any thread; each {@link KeyValueCache} from one at a time.
 */
public interface LanguageModel extends AutoCloseable {
    /** Returns the number of tokens in the vocabulary, which is one more than the greatest token id. */
    int vocabularySize();

    /** Returns the length in tokens of the longest sequence that the model takes. */
    int contextLength();

    /**
     * Returns how many tokens a prompt may have if this many are to follow it; less than 1 where so many never may.
     */
    default int longestPrompt(int following) {
        return contextLength() - following;
    }

    /** Returns how many tokens may follow a prompt of this many; less than 1 for a prompt that is too long. */
    default int longestReply(int prompt) {
        return contextLength() - prompt;
    }

    /** Returns the tokens by which replies are framed, where they do not go on with the prompt; else empty. */
    default Optional<ReplyFrame> frame() {
        return Optional.empty();
    }

    /** Creates an empty cache, which grows as its sequences do; the caller closes it. */
    KeyValueCache cache();

    @Override
    void close();
}
