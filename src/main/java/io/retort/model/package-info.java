/**
 * The models of the paper's section 3: Transformer encoder, bi-encoder and poly-encoder, decoders of language models, written once as SameDiff
 * graphs, and the folders they live in.
 *
 * <p>Entry types: {@link io.retort.model.ModelFolder} (a model on disk), {@link io.retort.model.RetrievalModel} (a
 * model at work), {@link io.retort.model.LanguageModelFiles} (a language model on disk), {@link
 * io.retort.model.ModelCatalog} (what can be pulled by name). What else there may be of a kind is an interface, found
 * through one list: {@link io.retort.model.ScoringForm}, {@link io.retort.model.DecoderFamily}.
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code tensor}, {@code simd} and {@code graph}. Loaded
 * models may be used from any thread.
 */
package io.retort.model;
