/**
 * From words to token ids and back: tokenizers, the policy by which contexts and replies are cut to length, and batches
 * that pad little.
 *
 * <p>Entry types: {@link io.retort.text.HuggingFaceTokenizer} (any {@code tokenizer.json}),
 * {@link io.retort.text.InputBuilder} (model input for a context or a reply), {@link io.retort.text.LengthBuckets}
 * (batches), {@link io.retort.text.CasualTokenizer} (words, for metrics).
 *
 * <p>May import {@code files} and {@code dialogue}. Everything here may be used from any thread.
 */
package io.retort.text;
