/**
 * Language models that are spoken to in text (section 3 of the paper): what they are asked, how they write replies, and
 * how likely they find them.
 *
 * <p>Entry types: {@link io.retort.generate.TextLanguageModel} (a language model with its tokenizer, from disk),
 * {@link io.retort.generate.PromptFormat} (how a context is put to it; {@link io.retort.generate.PromptEncoder} writes
 * it as token ids), {@link io.retort.generate.Generator} (prompts to completions, in bulk;
 * {@link io.retort.generate.Decoding} says how), {@link io.retort.generate.ReplyCleaning} (replies out of completions,
 * with the reasons for what is dropped), {@link io.retort.generate.LikelihoodScorer} (LL and MI of candidates).
 *
 * <p>May import {@code files}, {@code settings}, {@code dialogue}, {@code text}, {@code tensor}, {@code simd}, {@code graph} and
 * {@code lm}. Everything here may be used from any thread.
 */
package io.retort.generate;
