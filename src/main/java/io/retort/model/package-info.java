/**
 * The models of the paper's section 3: Transformer encoder, bi-encoder and poly-encoder, written once as SameDiff
 * graphs, and the folders they live in.
 *
 * <p>Entry types: {@link io.retort.model.ModelFolder} (a model on disk), {@link io.retort.model.RetrievalModel} (a
 * model at work: {@link io.retort.model.BiEncoder} or {@link io.retort.model.PolyEncoder}), {@link
 * io.retort.model.ModelCatalog} (what can be pulled by name).
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code tensor}, {@code simd} and {@code graph}. Loaded
 * models may be used from any thread.
 */
package io.retort.model;
