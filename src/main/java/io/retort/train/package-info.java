/**
 * What changes weights: losses written into an encoder's graph, and optimisers that work on flat buffers.
 *
 * <p>Entry types: {@link io.retort.train.InBatchNegatives} (a loss), {@link io.retort.train.AdamW} (an optimiser of the
 * {@link io.retort.model.TrainableEncoder#buffers()}).
 *
 * <p>May import every room before it, up to {@code search}. Training belongs to one thread; optimisers share their work
 * over a pool.
 */
package io.retort.train;
