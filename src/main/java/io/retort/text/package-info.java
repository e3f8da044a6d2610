/**
 * From words to token ids and back: tokenizers, the policy by which contexts and replies are cut to length, batches
 * that pad little, and what a generator is asked.
 *
 * <p>Entry types: {@link io.retort.text.HuggingFaceTokenizer} (any {@code tokenizer.json}),
 * {@link io.retort.text.BpeVocabulary} (the vocabulary of a GGUF file), {@link io.retort.text.InputBuilder} (model
 * input for a context or a reply), {@link io.retort.text.LengthBuckets} (batches), {@link io.retort.text.Prompt} (text
 * of which some is trusted to hold special tokens), {@link io.retort.text.template.ChatTemplate} (a prompt out of
 * messages),
 * {@link io.retort.text.CasualTokenizer} (words, for metrics).
 *
 * <p>May import {@code files} and {@code dialogue}. Everything here may be used from any thread.
 */
package io.retort.text;
