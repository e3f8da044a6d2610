package io.retort.generate;

import io.retort.settings.InvalidSetting;
import java.util.List;

/**
 * What a completion must be and must not be, whatever the {@link Decoding}.
 *
 * @param maxTokens         tokens after which it is at its end, 1 or more
 * @param minTokens         tokens before which neither an end token nor one that holds a stop string is chosen
 *                          (transformers' {@code min_new_tokens} knows the first alone)
 * @param repetitionPenalty logits of all tokens of prompt and completion are divided by it if positive, else
 *                          multiplied; 1 for none ({@code repetition_penalty}; Keskar et al. 2019)
 * @param ngramBlocks       n-grams that are not repeated
 */
public record Constraints(int maxTokens, int minTokens, double repetitionPenalty, List<NgramBlock> ngramBlocks) {
    /** Constraints that forbid nothing but more than a number of tokens. */
    public static Constraints atMost(int maxTokens) {
        return new Constraints(maxTokens, 0, 1, List.of());
    }

    /** @throws InvalidSetting if a value is out of its range */
    public Constraints {
        InvalidSetting.unless(maxTokens >= 1, "maxTokens", maxTokens, "use 1 or more");
        InvalidSetting.unless(minTokens >= 0 && minTokens <= maxTokens, "minTokens", minTokens,
                "use 0 to " + maxTokens);
        InvalidSetting.unless(repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
                "repetitionPenalty", repetitionPenalty, "use a number above 0; 1 is none");
        ngramBlocks = List.copyOf(ngramBlocks);
    }

    /**
     * Forbids tokens that would complete an n-gram that has occurred before.
     *
     * @param size  n, 1 or more
     * @param where n-grams of which text are not repeated
     */
    public record NgramBlock(int size, Where where) {
        /** @throws InvalidSetting if the size is below 1 */
        public NgramBlock {
            InvalidSetting.unless(size >= 1, "size", size, "use 1 or more");
        }
    }

    /** In which texts an n-gram must have occurred for it to be blocked. */
    public enum Where {
        /** N-grams of the completion itself are blocked, counted from its first token on. */
        REPLY,
        /** N-grams of the prompt are blocked ({@code encoder_no_repeat_ngram_size}). */
        PROMPT,
        /** N-grams of the prompt with the completion behind it are blocked ({@code no_repeat_ngram_size}). */
        BOTH
    }
}
