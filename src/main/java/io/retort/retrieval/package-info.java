/**
 * Students: the models of the paper's section 3 that choose among replies. A Transformer encoder, what makes a vector of
 * its outputs, and how a context and a reply are scored; at work and in training.
 *
 * <p>Entry types: {@link io.retort.retrieval.ModelConfig} (all that says how a model computes), {@link
 * io.retort.retrieval.RetrievalModel} (one at work), {@link io.retort.retrieval.TrainableStudent} (one in training),
 * {@link io.retort.retrieval.ScoringForm} (bi-encoder, poly-encoder, or another). Models on disk are for {@code store}.
 *
 * <p>May import {@code files}, {@code dialogue}, {@code text}, {@code tensor}, {@code simd} and {@code graph}. A model at
 * work may be used from any thread, one in training from one.
 */
package io.retort.retrieval;
