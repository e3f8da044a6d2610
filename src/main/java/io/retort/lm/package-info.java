/**
 * Language models: decoders of known families, written once as SameDiff graphs; with their cache of keys and values at
 * work, and with gradients, whole or by adapters, in training.
 *
 * <p>Entry types: {@link io.retort.lm.LanguageModelFiles} (a model on disk, GGUF or a folder of the Hugging Face Hub),
 * {@link io.retort.lm.LanguageModel} (one at work), {@link io.retort.lm.TrainableDecoder} (one in training). All that
 * differs from family to family is one class, a {@link io.retort.lm.DecoderFamily}.
 *
 * <p>May import {@code files}, {@code tensor}, {@code simd} and {@code graph}. A loaded model may be used
 * from any thread, each of its caches and a model in training from one at a time.
 */
package io.retort.lm;
