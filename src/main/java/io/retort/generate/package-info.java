/**
 * The teacher at work (section 3 of the paper): decoding, which makes replies out of a language model, and scoring,
 * which asks it how likely a reply is.
 *
 * <p>Entry types: {@link io.retort.generate.Generator} (prompts to completions, in bulk),
 * {@link io.retort.generate.Decoding} (how), {@link io.retort.generate.LikelihoodScorer} (LL and MI of candidates).
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code simd} and {@code model}. Generators and scorers
 * may be used from any thread.
 */
package io.retort.generate;
